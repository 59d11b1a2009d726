import { describe, expect, it } from 'vitest'
import type { OrphanedCredential, OrphanedCredentialStatus } from '../../../src/api/generated.ts'
import { createCaches } from '../../../src/caches.ts'
import { tellOfOrphans } from '../../../src/orphaned-credential/chronicle.ts'
import { seeded } from '../../sim/random.ts'
import { owedBy } from '../../support/builders.ts'
import { anOrphan } from '../../support/builders-snapshot.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

type Happening = ['ADDED' | 'MODIFIED' | 'DELETED', OrphanedCredential]

/** What is told of these happenings, after those that had been there before. */
function told(happenings: readonly Happening[], before: readonly Happening[] = []): string[] {
  const { caches } = createCaches({
    api: new FakeApi(),
    clock: new FakeClock(),
    random: seeded(1),
    logger: silentLogger,
  })
  const records: string[] = []
  let revision = 0
  const play = ([type, object]: Happening) => {
    const metadata = { ...object.metadata, resourceVersion: String((revision += 1)) }
    caches.orphans.apply({ type, object: { ...object, metadata } })
  }
  before.forEach(play)
  tellOfOrphans(caches, { record: ({ type, reason, note }) => records.push(`${type} ${reason}: ${note}`) })
  happenings.forEach(play)
  return records
}

const orphan = anOrphan(owedBy(1))
const having = (status: Partial<OrphanedCredentialStatus>): OrphanedCredential => ({
  ...orphan,
  status: { ...orphan.status, ...status },
})
const there: Happening[] = [['ADDED', orphan]]
const failed = having({ attempts: 1, lastError: { code: 'UpstreamDown', description: 'no route' } })
const blocked = having({ state: 'Blocked', message: 'The revocation kit is gone.' })

describe('of an orphan is told', () => {
  it.each<[string, string[], Happening[], Happening[]?]>([
    [
      'that it was made, and for what',
      ['Warning Orphaned: Version 1 of team-a/orders-database (role-1) is left to this object: Superseded.'],
      there,
    ],
    [
      'that a try has failed',
      ['Warning RevocationFailed: Attempt 1: UpstreamDown: no route'],
      [['MODIFIED', failed]],
      there,
    ],
    ['each try once', [], [['MODIFIED', failed]], [['ADDED', failed]]],
    ['that a person must act', ['Warning Blocked: The revocation kit is gone.'], [['MODIFIED', blocked]], there],
    ['so once', [], [['MODIFIED', blocked]], [['ADDED', blocked]]],
    ['nothing by a leader that finds it there', [], [], there],
    ['nothing as it goes: who ends it tells why', [], [['DELETED', orphan]], there],
  ])('%s', (_, expected, happenings, before) => {
    expect(told(happenings, before)).toEqual(expected)
  })
})
