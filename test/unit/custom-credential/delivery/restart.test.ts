import { describe, expect, it } from 'vitest'
import type { Restart } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, aVersion, delivered } from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const WEB = { kind: 'Deployment', name: 'web' } as const
const JOBS = { kind: 'StatefulSet', name: 'jobs' } as const
const at = (version: number, target: typeof WEB | typeof JOBS = WEB): Restart => ({ ...target, version })
const naming = aCredential().spec({ restartTargets: [WEB, JOBS] })
const failing = (target: typeof WEB | typeof JOBS, retryAt: number) => ({
  restarts: [{ ...target, reason: 'RestartForbidden', message: 'no', tries: 1, retryAt } as const],
})

/** Two versions, of which the consumers read the second. */
const two = naming.having(delivered(1), delivered(2)).status({ currentVersion: 2, restarts: [at(1), at(1, JOBS)] })
const behind = aSnapshot().of(two).showing(2).at(after('1h'))
const arriving = aSnapshot()
  .of(naming.having(delivered(1), aVersion(2)).status({ currentVersion: 1, restarts: [at(1), at(1, JOBS)] }))
  .showing(1)

/** `deliver 2`, `restart web 2`, ... */
const done = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).prepare.flatMap((action) => {
    if (action.kind === 'deliver') return [`deliver ${action.version.version}`]
    return action.kind === 'restart' ? [`restart ${action.restart.name} ${action.restart.version}`] : []
  })
const recorded = ({ snapshot }: SnapshotBuilder): string[] | undefined =>
  decide(snapshot).status.restarts?.map(({ name, version }) => `${name} ${version}`)
const stuck = {
  delivery: { reason: 'DeliveryFailed', message: 'quota', tries: 9, retryAt: after('1m') },
} as const

describe('restart targets', () => {
  it.each<[string, SnapshotBuilder, string[], string[] | undefined]>([
    [
      'follow a version right after its delivery',
      arriving,
      ['deliver 2', 'restart web 2', 'restart jobs 2'],
      ['web 2', 'jobs 2'],
    ],
    [
      'are due until the status says that they have followed',
      behind,
      ['restart web 2', 'restart jobs 2'],
      ['web 2', 'jobs 2'],
    ],
    [
      'are left alone once they have',
      behind.of(two.status({ restarts: [at(2), at(2, JOBS)] })),
      [],
      ['web 2', 'jobs 2'],
    ],
    [
      'follow one by one',
      behind.of(two.status({ restarts: [at(2), at(1, JOBS)] })),
      ['restart jobs 2'],
      ['web 2', 'jobs 2'],
    ],
    [
      'have nothing to follow to where the first version arrives',
      aSnapshot().of(naming.having(aVersion(1))),
      ['deliver 1'],
      ['web 1', 'jobs 1'],
    ],
    ['stand nowhere before there is a version', aSnapshot().of(naming), [], undefined],
    [
      'that are new stand at the current version',
      behind.of(two.status({ restarts: [at(2)] })),
      [],
      ['web 2', 'jobs 2'],
    ],
    [
      'that are new when a version arrives follow it',
      arriving.of(naming.having(delivered(1), aVersion(2)).status({ currentVersion: 1 })),
      ['deliver 2', 'restart web 2', 'restart jobs 2'],
      ['web 2', 'jobs 2'],
    ],
    [
      'that the spec names no more leave the status',
      behind.of(two.spec({ restartTargets: [JOBS] })),
      ['restart jobs 2'],
      ['jobs 2'],
    ],
    [
      'follow what comes after a version that has expired',
      arriving.of(naming.having(aVersion(2)).status({ restarts: [at(1)] })),
      ['deliver 2', 'restart web 2'],
      ['web 2', 'jobs 2'],
    ],
    ['are left alone while the new version does not arrive', arriving.trouble(stuck), [], ['web 1', 'jobs 1']],
    [
      'wait while consumers can not read the version any more',
      behind.with({ target: undefined }).at(after('1s')).trouble(stuck),
      [],
      ['web 1', 'jobs 1'],
    ],
    [
      'follow while no task may begin',
      behind.of(two.spec({ suspend: true })),
      ['restart web 2', 'restart jobs 2'],
      ['web 2', 'jobs 2'],
    ],
    [
      'do not hold up each other',
      behind.trouble(failing(WEB, after('1h10s'))),
      ['restart jobs 2'],
      ['web 1', 'jobs 2'],
    ],
    [
      'that have failed are tried again in time',
      behind.trouble(failing(WEB, after('1h'))),
      ['restart web 2', 'restart jobs 2'],
      ['web 2', 'jobs 2'],
    ],
    [
      'that have failed by a clock that has been set back since are tried again',
      behind.trouble(failing(WEB, after('2h'))),
      ['restart web 2', 'restart jobs 2'],
      ['web 2', 'jobs 2'],
    ],
    ['are left alone while the credential is deleted', behind.of(two.deleted()), [], undefined],
  ])('%s', (_, s, actions, entries) => {
    expect(done(s)).toEqual(actions)
    expect(recorded(s)).toEqual(entries)
  })

  it('that fail are a condition, and no reason not to be ready', () => {
    const { status, wakeAt } = decide(behind.trouble(failing(WEB, after('1h10s'))).snapshot)
    expect(status.conditions?.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`)).toEqual([
      'Ready=True Delivered',
      'RestartFailed=True RestartForbidden',
    ])
    expect(wakeAt).toBe(after('1h10s'))
  })

  it('that have followed are none, whatever failed before', () => {
    const s = behind.of(two.status({ restarts: [at(2), at(2, JOBS)] })).trouble(failing(WEB, after('1h10s')))
    expect(decide(s.snapshot).status.conditions).toHaveLength(1)
    expect(decide(s.snapshot).wakeAt).toBe(Infinity)
  })
})
