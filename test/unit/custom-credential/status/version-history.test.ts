import { describe, expect, it } from 'vitest'
import type { PastVersion } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import {
  aCredential,
  at,
  type CredentialBuilder,
  delivered,
  elsewhere,
  maker,
  owedBy,
} from '../../../support/builders.ts'
import { aDeletion } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const past = (version: number, end: PastVersion['end'] = 'Revoked'): PastVersion => ({
  version,
  taskId: maker(version),
  credentialsId: `role-${version}`,
  trigger: 'secret_creation',
  createdAt: at(),
  goneAt: at(),
  end,
})
const having = (...history: PastVersion[]): CredentialBuilder =>
  aCredential().having(delivered(7), delivered(8), delivered(9)).owing(owedBy(7)).status({ history })
const revoked = (credential: CredentialBuilder): SnapshotBuilder =>
  aSnapshot().of(credential).showing(9).tasks(aDeletion(7).deleted())
const told = ({ snapshot }: SnapshotBuilder): string[] =>
  (decide(snapshot).status.history ?? []).map(({ version, end }) => `${version} ${end}`)

describe('the history of versions', () => {
  it('names a version that was revoked, with all that is known of it but its payload', () => {
    expect(decide(revoked(having()).snapshot).status.history).toEqual([past(7)])
  })

  it('names none that is there, be it owed a deletion', () => {
    expect(told(aSnapshot().of(having()).showing(9))).toEqual([])
  })

  it('names one that an orphan has taken over, whose kit is lost', () => {
    const s = aSnapshot().of(having()).showing(9)
    expect(told(s.trouble({ missingKits: [delivered(7).kit] }))).toEqual(['7 Orphaned'])
  })

  it('names one whose ID a later version bears', () => {
    const renewed = aCredential()
      .having(delivered(8), delivered(9, at(), { credentialsId: 'role-8' }))
      .owing(owedBy(8))
    expect(told(aSnapshot().of(renewed).showing(9))).toEqual(['8 Renewed'])
  })

  it('names one whose ID another provider has given again, which an orphan stands for', () => {
    const given = delivered(9, at(), { credentialsId: 'role-8', provider: elsewhere })
    const switched = aCredential().having(delivered(8), given).owing(owedBy(8))
    expect(told(aSnapshot().of(switched).showing(9))).toEqual(['8 Orphaned'])
  })

  it.each<[string, number | undefined, number[]]>([
    ['ten, unless told otherwise', undefined, [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7]],
    ['as many as the spec says', 2, [6, 7]],
    ['none, where the spec says so', 0, []],
  ])('keeps the last ones: %s', (_, versionHistoryLimit, kept) => {
    const long = having(...Array.from({ length: 12 }, (__, index) => past(index - 5)))
    const limited = versionHistoryLimit === undefined ? long : long.spec({ versionHistoryLimit })
    expect((decide(revoked(limited).snapshot).status.history ?? []).map(({ version }) => version)).toEqual(kept)
  })

  it('names no version twice', () => {
    expect(told(revoked(having(past(7))))).toEqual(['7 Revoked'])
  })

  it('is kept while the object is deleted', () => {
    expect(told(revoked(having(past(6)).deleted()))).toEqual(['6 Revoked', '7 Revoked'])
  })
})
