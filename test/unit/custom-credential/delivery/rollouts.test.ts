import { describe, expect, it } from 'vitest'
import type { CredentialVersion, Restart } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import type { RolloutSeen } from '../../../../src/custom-credential/snapshot.ts'
import { aCredential, after, at, type CredentialBuilder, delivered, owedBy } from '../../../support/builders.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const WEB = { kind: 'Deployment', name: 'web' } as const
const JOBS = { kind: 'StatefulSet', name: 'jobs' } as const
const follows = (version: number, target: typeof WEB | typeof JOBS = WEB): Restart => ({ ...target, version })
const seen = (target: typeof WEB | typeof JOBS, more: Partial<RolloutSeen> = {}): RolloutSeen => ({
  ...target,
  version: 3,
  isComplete: true,
  tries: 2,
  retryAt: after('1h20s'),
  ...more,
})

/** Version 3 took the place of the others an hour after the start, and they are to stay for a day. */
const spec = { restartTargets: [WEB, JOBS], rotation: { minOverlap: '1d', overlapEnds: 'AfterRestarts' } } as const
const following = (more: object = {}, ...third: readonly CredentialVersion[]): CredentialBuilder =>
  aCredential()
    .spec({ ...spec, ...more })
    .having(delivered(1), delivered(2), ...(third.length > 0 ? third : [delivered(3, at('1h'))]))
    .status({ currentVersion: 3, restarts: [follows(3), follows(3, JOBS)] })
const after30s = (credential: CredentialBuilder, ...rollouts: readonly RolloutSeen[]): SnapshotBuilder =>
  aSnapshot().of(credential).showing(3).at(after('1h30s')).trouble({ rollouts })

const looks = ({ snapshot }: SnapshotBuilder): string[] =>
  decide(snapshot).prepare.flatMap((action) =>
    action.kind === 'lookAtRollout' ? [`${action.restart.name} ${action.restart.version}`] : [],
  )
const followedAt = ({ snapshot }: SnapshotBuilder) => decide(snapshot).status.versions?.at(-1)?.followedAt
const owed = ({ snapshot }: SnapshotBuilder): string[] =>
  (decide(snapshot).status.unresolved ?? []).map(({ version, notBefore }) => `${version} ${notBefore}`)

describe('workloads that are rolled out', () => {
  it.each<[string, SnapshotBuilder, string[]]>([
    ['are looked at', after30s(following()), ['web 3', 'jobs 3']],
    ['are not before they can have followed', after30s(following()).at(after('1h9s')), []],
    [
      'are looked at again, later each time',
      after30s(following(), seen(WEB, { isComplete: false, retryAt: after('1h40s') })),
      ['jobs 3'],
    ],
    ['are not once they have followed', after30s(following(), seen(WEB)), ['jobs 3']],
    ['are for each version', after30s(following(), seen(WEB, { version: 2 }), seen(JOBS)), ['web 3']],
    ['are not where nobody asks for it', after30s(following({ rotation: { minOverlap: '1d' } })), []],
    [
      'are not where the overlap runs its time',
      after30s(following({ rotation: { minOverlap: '1d', overlapEnds: 'AfterMinOverlap' } })),
      [],
    ],
    ['are not once the overlap is over', after30s(following()).at(after('26h')), []],
    [
      'are not once all have been seen',
      after30s(following({}, delivered(3, at('1h'), { followedAt: at('1h20s') }))),
      [],
    ],
    ['are not where nothing is kept for them', after30s(following().having(delivered(3, at('1h')))), []],
    [
      'are not before all of them are',
      after30s(following().status({ restarts: [follows(3), follows(2, JOBS)] })).trouble({
        restarts: [{ ...JOBS, reason: 'RestartForbidden', message: 'no', tries: 1, retryAt: after('1h40s') }],
      }),
      [],
    ],
  ])('%s', (_, s, expected) => {
    expect(looks(s)).toEqual(expected)
  })

  it('are looked at when it is time', () => {
    expect(decide(after30s(following()).at(after('1h5s')).snapshot).wakeAt).toBe(after('1h10s'))
  })

  it.each<[string, SnapshotBuilder, string | undefined]>([
    ['all of them', after30s(following(), seen(WEB), seen(JOBS)), at('1h30s')],
    ['not one of two', after30s(following(), seen(WEB)), undefined],
    ['not where one is not complete', after30s(following(), seen(WEB), seen(JOBS, { isComplete: false })), undefined],
    ['not for another version', after30s(following(), seen(WEB), seen(JOBS, { version: 2 })), undefined],
  ])('are noted when they have followed: %s', (_, s, expected) => {
    expect(followedAt(s)).toBe(expected)
  })
})

describe('what is displaced', () => {
  const followed = delivered(3, at('1h'), { followedAt: at('1h20s') })

  it.each<[string, SnapshotBuilder, string[]]>([
    [
      'goes after minOverlap where they have not',
      after30s(following().having(delivered(1), delivered(2, at('1h')), delivered(3, at('1h')))),
      [`1 ${at('25h')}`],
    ],
    [
      'goes once they have',
      after30s(following().having(delivered(1), delivered(2, at('1h')), followed)),
      [`1 ${at('1h20s')}`],
    ],
    [
      'goes once they have, where it was to go later',
      after30s(
        following()
          .having(delivered(1), delivered(2, at('1h')), followed)
          .owing(owedBy(1, { notBefore: at('25h') })),
      ),
      [`1 ${at('1h20s')}`],
    ],
    [
      'goes after minOverlap where nobody asks for less',
      after30s(following({ rotation: { minOverlap: '1d' } }).having(delivered(1), delivered(2, at('1h')), followed)),
      [`1 ${at('25h')}`],
    ],
    [
      'stays for what it was displaced by, whatever followed before',
      after30s(
        following().having(
          delivered(1, at(), { followedAt: at('1m') }),
          delivered(2, at('1h')),
          delivered(3, at('1h')),
        ),
      ),
      [`1 ${at('25h')}`],
    ],
    [
      'goes where it has been issued too early',
      after30s(following({ revokeIssuedBefore: at('30m') }).having(delivered(2), followed)),
      [`2 ${at('1h20s')}`],
    ],
    [
      'goes at its end',
      after30s(following().having(delivered(2, at(), { expiresAt: at('1h10s') }), followed)),
      ['2 undefined'],
    ],
  ])('%s', (_, s, expected) => {
    expect(owed(s)).toEqual(expected)
  })
})
