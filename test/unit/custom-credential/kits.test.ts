import { describe, expect, it } from 'vitest'
import { decide } from '../../../src/custom-credential/decide.ts'
import { aCredential, aProvider, at, delivered, owedBy, unknownOf } from '../../support/builders.ts'
import { aCreation, aKit } from '../../support/builders-tasks.ts'
import { anOrphan, aSnapshot, type SnapshotBuilder } from '../../support/builders-snapshot.ts'

const OLD = 'kit-of-another-generation'
const settled = aCredential().having(delivered(1), delivered(2))
const old = aSnapshot().of(settled).showing(2).custody(aKit(OLD))
const otherwise = aCreation(3).spec({ kit: OLD })

const removed = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).release.flatMap((action) => (action.kind === 'removeFromCustody' ? [action.name] : []))

describe('a kit of another generation or of other parameters', () => {
  it.each<[string, SnapshotBuilder]>([
    ['a version was made with it', old.of(aCredential().having(delivered(1), delivered(2, at(), { kit: OLD })))],
    ['something is owed by it', old.of(settled.owing(owedBy(1, { kit: OLD })))],
    ['a run is about to use it', old.tasks(otherwise.queued())],
    ['a run uses it', old.tasks(otherwise.processing())],
    ['a Job that has lost its task was made with it', old.jobs(otherwise.job())],
    ['an orphan needs it', old.with({ orphans: [anOrphan(owedBy(1, { kit: OLD }))] })],
    [
      'an orphan that is being made needs it',
      old.of(settled.owing(unknownOf(3, { kit: OLD }))).with({ provider: aProvider({ capabilities: [] }) }),
    ],
  ])('is kept while %s', (_, s) => {
    expect(removed(s)).not.toContain(OLD)
  })

  it('is removed when nothing needs it any more', () => {
    expect(removed(old)).toEqual([OLD])
  })
})

it('the present kit is kept for the next version', () => {
  expect(removed(aSnapshot())).toEqual([])
})
