import { at, becomeSilent, create, remove, rotate } from './steps.ts'
import type { Spec, Step, Workload } from './workload.ts'

/** Programs that read the Secret when they start: they follow each version but the first. */
const createWithConsumer = (name = 'orders', namespace = 'team-a', consumer = 'web'): Step => ({
  what: `create ${namespace}/${name} for the Deployment ${consumer}`,
  act: ({ people }) => {
    people.createDeployment(namespace, consumer)
    people.createCredential(namespace, name, { restartTargets: [{ kind: 'Deployment', name: consumer }] })
  },
  reached: ({ people }) => people.delivered(namespace, name) >= 1,
})

/** Its overlap is longer than a rollout is late, and the rollouts take longer than a rotation, each its own time. */
const createFollowed: Step = {
  ...create(),
  what: 'create team-a/orders, whose overlaps end when two Deployments have followed',
  act: ({ people }) => {
    people.createDeployment('team-a', 'web')
    people.createDeployment('team-a', 'worker', 60)
    people.createCredential('team-a', 'orders', {
      rotation: { minOverlap: '30m', overlapEnds: 'AfterRestarts' },
      restartTargets: [
        { kind: 'Deployment', name: 'web' },
        { kind: 'Deployment', name: 'worker' },
      ],
    })
  },
}

/** The Deployments may be late, or never come up: then it takes as long as the overlap. */
const endOverlaps: Step = {
  what: 'wait until what has been displaced is gone',
  act: () => undefined,
  reached: ({ people }) => (people.credential('team-a', 'orders')?.status.unresolved ?? []).length === 0,
}

/** The password stays under its own name, for consumers to log in with. */
const rendered = (scheme: string): Spec => ({
  target: {
    labels: { [scheme]: 'yes' },
    template: {
      password: '{{ password }}',
      url: `${scheme}://:{{ password | url_encode }}@ledger{% if previous %}?was={{ previous.password }}{% endif %}`,
    },
    previousKeys: { prefix: 'previous_' },
  },
})

/** Workloads that follow, and what they are shown. */
export const consumers: readonly Workload[] = [
  {
    name: 'restart',
    says: 'A Deployment is rolled out for two versions, each time after a refusal.',
    given: at('write patch deployments', 'invalid', 1, 3),
    steps: [createWithConsumer(), rotate(2), becomeSilent('15s'), rotate(3)],
  },
  {
    name: 'overlap-ends-early',
    says: 'An overlap ends when two Deployments have followed: once before the next rotation, then while they follow two at once.',
    steps: [createFollowed, rotate(2), becomeSilent('3m'), rotate(3), rotate(4), endOverlaps, remove()],
  },
  {
    name: 'rendered',
    says: 'A credential is shown by a template, with the previous version beside it, until that one has expired.',
    steps: [
      create('orders', 'team-a', { ...rendered('http'), ttl: '30m', rotation: { interval: '20m' } }),
      rotate(2),
      {
        what: 'edit the template',
        act: ({ people }) => {
          const target = { ...rendered('https').target, labels: { http: null, https: 'yes' } }
          people.editCredential('team-a', 'orders', { target, ttl: null, rotation: null })
        },
        reached: ({ people }) => people.text('team-a', 'orders', 'url')?.startsWith('https:') === true,
      },
      rotate(3),
      {
        what: 'wait for the end of the previous version',
        act: () => undefined,
        reached: ({ people }) => {
          const { versions = [], previousVersion } = people.credential('team-a', 'orders')?.status ?? {}
          const previous = versions.find(({ version }) => version === previousVersion)
          // It stays while its successor is suspect, and a person must look.
          return previous?.expiresAt === undefined || versions.some(({ suspect }) => suspect !== undefined)
        },
      },
    ],
  },
]
