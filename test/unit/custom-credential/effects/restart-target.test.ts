import { describe, expect, it } from 'vitest'
import type { RestartTarget } from '../../../../src/api/generated.ts'
import { keyOf } from '../../../../src/api/meta.ts'
import { CustomCredentials, Deployments, Rollouts, Secrets, type Workload } from '../../../../src/api/resources.ts'
import { createCaches } from '../../../../src/caches.ts'
import { act } from '../../../../src/custom-credential/effects/act.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { restart } from '../../../../src/custom-credential/effects/restart-target.ts'
import type { Snapshot } from '../../../../src/custom-credential/snapshot.ts'
import { ApiError } from '../../../../src/kube/errors.ts'
import { fencedApi, LeadershipLost } from '../../../../src/kube/fence.ts'
import { seeded } from '../../../sim/random.ts'
import { aCredential, aVersion, delivered } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'
import { CREDENTIAL_UID } from '../../../support/task-run.ts'

const WEB: RestartTarget = { kind: 'Deployment', name: 'web' }
const JOBS: RestartTarget = { kind: 'Deployment', name: 'jobs' }
const KEY = { namespace: 'team-a', name: 'web' }
const MARK = 'version.customcredentials.dev/orders-database'
const OWNER = 'uid.customcredentials.dev/orders-database'
const FORBIDDEN = new ApiError('Forbidden', 'deployments.apps "web" is forbidden', { code: 403 })
const CONFLICT = new ApiError('Conflict', 'the object has been modified', { code: 409 })

const workload = (annotations?: Record<string, string>, name = 'web'): Workload => ({
  metadata: { namespace: 'team-a', name, uid: `uid-${name}`, resourceVersion: '1' },
  spec: { template: { metadata: { ...(annotations && { annotations }) } } },
})

const s: Snapshot = aSnapshot().of(aCredential().spec({ restartTargets: [WEB, JOBS] })).snapshot

function stage(annotations?: Record<string, string>) {
  const api = new FakeApi()
  api.put(Deployments, workload(annotations))
  return {
    api,
    restart: (version = 3, snapshot = s) => restart({ api }, snapshot, { ...WEB, version }),
    annotations: () => api.peek(Deployments, KEY)?.spec?.template?.metadata?.annotations,
  }
}

describe('a rollout', () => {
  const mine = (version: number) => ({ [MARK]: String(version), [OWNER]: CREDENTIAL_UID })

  it.each<[string, Record<string, string> | undefined, Record<string, string>]>([
    ['marks a pod template without annotations', undefined, mine(3)],
    ['keeps the annotations of others', { 'example.com/a': 'b' }, { 'example.com/a': 'b', ...mine(3) }],
    ['follows an older version', mine(2), mine(3)],
    ['is not deceived by what was here before under the same name', { [MARK]: '7', [OWNER]: 'former' }, mine(3)],
  ])('%s', async (_, before, after) => {
    const { api, annotations, ...stand } = stage(before)
    expect(await stand.restart()).toBeUndefined()
    expect(annotations()).toEqual(after)
    expect(api.calls).toEqual(['get deployments team-a/web', 'patch deployments team-a/web'])
  })

  it('marks a pod template without metadata', async () => {
    const { api } = stage()
    api.put(Rollouts, { ...workload(), spec: { template: {} } })
    expect(await restart({ api }, s, { kind: 'Rollout', name: 'web', version: 3 })).toBeUndefined()
    expect(api.peek(Rollouts, KEY)?.spec?.template?.metadata).toEqual({ annotations: mine(3) })
  })

  it.each([
    ['of this version', 3],
    ['of a later one', 4],
  ])('that was made before, for the sake %s, is not made again', async (_, version) => {
    const { api, ...stand } = stage(mine(version))
    expect(await stand.restart()).toBeUndefined()
    expect(api.writes).toEqual([])
  })

  it('is made on what is there by then, where another write comes in between', async () => {
    const { api, annotations, ...stand } = stage()
    api.meet('patch deployments', () => api.put(Deployments, workload({ 'example.com/a': 'b' })))
    expect(await stand.restart()).toBeUndefined()
    expect(annotations()).toEqual({ 'example.com/a': 'b', ...mine(3) })
  })

  it('goes no further once this process leads no more', async () => {
    const { api } = stage()
    const fenced = { api: fencedApi(api, () => false) }
    await expect(restart(fenced, s, { ...WEB, version: 3 })).rejects.toThrow(LeadershipLost)
  })
})

describe('a rollout that is not to be', () => {
  const gone = (api: FakeApi) => {
    api.drop(Deployments, KEY)
  }
  const meeting =
    (call: string, ...errors: ApiError[]) =>
    (api: FakeApi) => {
      for (const error of errors) api.meet(call, error)
    }

  it.each<[string, (api: FakeApi) => void, string, string]>([
    [
      'since there is no such workload',
      gone,
      'RestartTargetNotFound',
      'there is none in namespace "team-a". Create it, or',
    ],
    [
      'for want of the right to read it',
      meeting('get deployments', FORBIDDEN),
      'RestartForbidden',
      'Add the component deploy/components/restart-targets',
    ],
    ['since a policy refuses it', meeting('patch deployments', FORBIDDEN), 'RestartForbidden', 'is forbidden). Add'],
    [
      'since its template is not valid',
      meeting('patch deployments', new ApiError('Invalid', 'spec.template: Invalid value', { code: 422 })),
      'RestartRefused',
      'spec.template: Invalid value. It is tried again within 5 minutes.',
    ],
    [
      'since others write it all the time',
      meeting('patch deployments', CONFLICT, CONFLICT, CONFLICT),
      'RestartRefused',
      'has been modified',
    ],
    [
      'since no answer comes',
      meeting('get deployments', new ApiError('Timeout', 'no answer within 30 s')),
      'RestartRefused',
      'no answer within 30 s. It is tried again within 5 minutes.',
    ],
  ])('%s is tried again, and tells what to do', async (_, prepare, reason, text) => {
    const { api, ...stand } = stage()
    prepare(api)
    const trouble = await stand.restart()
    expect(trouble?.restarts).toMatchObject([{ ...WEB, reason, tries: 1, retryAt: s.now + 10_000 }])
    expect(trouble?.restarts?.[0]?.message).toContain('Deployment "web" is not rolled out for version 3: ')
    expect(trouble?.restarts?.[0]?.message).toContain(text)
  })

  it('since a Rollout has its pods from elsewhere says which workload to name', async () => {
    const { api } = stage()
    api.put(Rollouts, { ...workload(), spec: { workloadRef: { kind: 'Deployment', name: 'web-pods' } } })
    const trouble = await restart({ api }, s, { kind: 'Rollout', name: 'web', version: 3 })
    expect(trouble?.restarts?.[0]?.message).toContain(
      'its pods are those of Deployment "web-pods", which is to be named',
    )
    expect(api.writes).toEqual([])
  })

  it('is tried less and less often, and forgotten once it is', async () => {
    const { api, ...stand } = stage()
    let known = s
    const waits: number[] = []
    for (let nth = 0; nth < 7; nth++) {
      api.meet('get deployments', FORBIDDEN)
      const trouble = (await stand.restart(3, known)) ?? {}
      const retryAt = trouble.restarts?.[0]?.retryAt ?? 0
      waits.push((retryAt - known.now) / 1000)
      known = { ...known, trouble, now: retryAt }
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300])
    expect(await stand.restart(3, known)).toEqual({})
  })

  it('is forgotten with the target that the spec names no more', async () => {
    const { api, ...stand } = stage()
    const other = {
      kind: 'DaemonSet',
      name: 'agent',
      reason: 'RestartRefused',
      message: '',
      tries: 1,
      retryAt: 0,
    } as const
    api.meet('get deployments', FORBIDDEN)
    const trouble = await stand.restart(3, { ...s, trouble: { restarts: [other] } })
    expect(trouble?.restarts?.map(({ name }) => name)).toEqual(['web'])
  })
})

describe('a delivery with restart targets', () => {
  function setUp() {
    const api = new FakeApi()
    const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
    const told: string[] = []
    const events = { record: ({ reason, note }: { reason: string; note: string }) => told.push(`${reason}: ${note}`) }
    const handedOff = () => ({ password: 'eA==' })
    const ports = { api, caches, events, custodyNamespace: 'custom-credentials-system', handedOff }
    for (const name of ['web', 'jobs']) api.put(Deployments, workload(undefined, name))
    const restarts = [WEB, JOBS].map((target) => ({ ...target, version: 1 }))
    const credential = api.put(
      CustomCredentials,
      aCredential()
        .spec({ restartTargets: [WEB, JOBS] })
        .having(delivered(1), aVersion(2))
        .status({ currentVersion: 1, restarts }).object,
    )
    caches.credentials.remember(credential)
    caches.secrets.replace([], '1')
    return { api, ports, told, snapshot: { ...aSnapshot().snapshot, credential } }
  }
  const statusIn = (api: FakeApi, snapshot: Snapshot) => api.peek(CustomCredentials, keyOf(snapshot.credential))?.status

  it('costs one read and one write for each, and no status of its own', async () => {
    const { api, ports, told, snapshot } = setUp()
    api.calls.length = 0
    expect(await act(ports, snapshot, decide(snapshot))).toEqual({})
    expect(api.calls).toEqual([
      'create secrets team-a/orders-database',
      ...['web', 'jobs'].flatMap((name) => [`get deployments team-a/${name}`, `patch deployments team-a/${name}`]),
      'patch customcredentials team-a/orders-database',
    ])
    expect(statusIn(api, snapshot)?.restarts?.map(({ version }) => version)).toEqual([2, 2])
    expect(told).toContain('Restarted: Deployment "web" is rolled out for version 2.')
  })

  it('is no less one where a target fails: the status of the delivery tells which', async () => {
    const { api, ports, told, snapshot } = setUp()
    api.meet('get deployments team-a/web', FORBIDDEN)
    const trouble = await act(ports, snapshot, decide(snapshot))
    const status = statusIn(api, snapshot)
    expect(status).toMatchObject({ currentVersion: 2, restarts: [{ version: 1 }, { version: 2 }] })
    expect(status?.conditions?.find(({ type }) => type === 'RestartFailed')?.reason).toBe('RestartForbidden')
    expect(told.map((story) => story.split(':')[0])).toEqual(['Rotated', 'Restarted', 'RestartFailed'])
    // Met again: nothing is written, and nothing told.
    const [writes, stories] = [api.writes.length, told.length]
    const credential = api.peek(CustomCredentials, keyOf(snapshot.credential)) ?? snapshot.credential
    const later = {
      ...snapshot,
      credential,
      trouble,
      target: { uid: 'target-uid', version: 2, rendition: undefined },
      now: snapshot.now + 10_000,
    }
    api.meet('get deployments team-a/web', FORBIDDEN)
    await act(ports, later, decide(later))
    expect([api.writes.length, told.length]).toEqual([writes, stories])
    expect(api.peek(Secrets, keyOf(credential))).toBeDefined()
  })
})
