import { describe, expect, it } from 'vitest'
import type { Restart } from '../../../../src/api/generated.ts'
import { restartedBy, restartedFor } from '../../../../src/api/labels.ts'
import { Deployments, type Workload } from '../../../../src/api/resources.ts'
import { hasFollowed, lookAtRollout } from '../../../../src/custom-credential/effects/rollout-status.ts'
import { ApiError } from '../../../../src/kube/errors.ts'
import { aCredential, after } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { CREDENTIAL_UID } from '../../../support/task-run.ts'

const NAME = 'orders-database'
const credential = aCredential().spec({ restartTargets: [{ kind: 'Deployment', name: 'web' }] })
const stamp = (version: number) => ({ [restartedBy(NAME)]: CREDENTIAL_UID, [restartedFor(NAME)]: String(version) })
const workload = (
  status: Workload['status'],
  { annotations = stamp(3), replicas }: { annotations?: Record<string, string>; replicas?: number } = {},
): Workload => ({
  metadata: { namespace: 'team-a', name: 'web', uid: 'uid-web', resourceVersion: '1', generation: 5 },
  spec: { ...(replicas !== undefined && { replicas }), template: { metadata: { annotations } } },
  ...(status && { status }),
})
const deployed = { observedGeneration: 5, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
const two = { ...deployed, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 }
const daemons = { observedGeneration: 5, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }

describe('a rollout is complete', () => {
  it.each<[string, Restart['kind'], Workload, boolean]>([
    ['where all pods are new', 'Deployment', workload(deployed), true],
    ['where as many are new as there are to be', 'Deployment', workload(two, { replicas: 2 }), true],
    ['where there are to be none', 'Deployment', workload({ observedGeneration: 5 }, { replicas: 0 }), true],
    ['not while its controller has not seen it', 'Deployment', workload({ ...deployed, observedGeneration: 4 }), false],
    ['not where its controller has said nothing', 'Deployment', workload(undefined), false],
    ['not while some are old', 'Deployment', workload({ ...two, updatedReplicas: 1 }, { replicas: 2 }), false],
    ['not while an old one is left', 'Deployment', workload({ ...deployed, replicas: 2 }), false],
    ['not while an old one ends', 'Deployment', workload({ ...deployed, terminatingReplicas: 1 }), false],
    ['not while a new one is not available', 'Deployment', workload({ ...deployed, availableReplicas: 0 }), false],
    ['not where it was made for another version', 'Deployment', workload(deployed, { annotations: stamp(2) }), false],
    ['not where somebody has put the template back', 'Deployment', workload(deployed, { annotations: {} }), false],
    ['of a StatefulSet where all are ready', 'StatefulSet', workload({ ...deployed, availableReplicas: 0 }), true],
    ['of a StatefulSet not while one is not ready', 'StatefulSet', workload({ ...deployed, readyReplicas: 0 }), false],
    [
      'of a StatefulSet not where a partition keeps old ones',
      'StatefulSet',
      workload({ ...two, updatedReplicas: 1 }, { replicas: 2 }),
      false,
    ],
    ['of a DaemonSet where each node has a new one', 'DaemonSet', workload(daemons), true],
    [
      'of a DaemonSet that no node wants',
      'DaemonSet',
      workload({ observedGeneration: 5, desiredNumberScheduled: 0 }),
      true,
    ],
    ['of a DaemonSet of which nothing is told yet', 'DaemonSet', workload({ observedGeneration: 5 }), false],
    ['of a DaemonSet not while one is old', 'DaemonSet', workload({ ...daemons, updatedNumberScheduled: 2 }), false],
    ['of a DaemonSet not while one is not available', 'DaemonSet', workload({ ...daemons, numberAvailable: 2 }), false],
    [
      'of a Rollout where it is healthy',
      'Rollout',
      workload({ ...deployed, observedGeneration: '5', phase: 'Healthy' }),
      true,
    ],
    ['of a Rollout not while it is paused', 'Rollout', workload({ ...deployed, phase: 'Paused' }), false],
  ])('%s', (_, kind, there, expected) => {
    expect(hasFollowed(there, credential.object, { kind, name: 'web', version: 3 })).toBe(expected)
  })
})

describe('a look at a rollout', () => {
  const wanted = { kind: 'Deployment', name: 'web', version: 3 } as const
  const s = aSnapshot().of(credential).at(after('1h')).snapshot

  it('is remembered, and costs a get', async () => {
    const api = new FakeApi()
    api.put(Deployments, workload(deployed))
    const { rollouts } = await lookAtRollout({ api }, s, wanted)
    expect(rollouts).toEqual([{ ...wanted, tries: 1, retryAt: after('1h10s'), isComplete: true }])
    expect(api.calls).toEqual(['get deployments team-a/web'])
  })

  it('comes later each time, and anew for another version', async () => {
    const api = new FakeApi()
    const rollouts = [{ ...wanted, tries: 1, retryAt: after('1h'), isComplete: false }]
    const again = await lookAtRollout({ api }, { ...s, trouble: { rollouts } }, wanted)
    expect(again.rollouts).toMatchObject([{ tries: 2, retryAt: after('1h20s'), isComplete: false }])
    const next = await lookAtRollout({ api }, { ...s, trouble: { rollouts } }, { ...wanted, version: 4 })
    expect(next.rollouts).toMatchObject([{ version: 4, tries: 1 }])
  })

  it('that has no answer has seen nothing', async () => {
    const api = new FakeApi()
    api.put(Deployments, workload(deployed))
    api.meet('get deployments', new ApiError('Timeout', 'no answer within 30 s'))
    expect((await lookAtRollout({ api }, s, wanted)).rollouts).toMatchObject([{ isComplete: false }])
  })
})
