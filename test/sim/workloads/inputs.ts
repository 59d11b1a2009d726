import { CustodyKind, label } from '../../../src/api/labels.ts'
import type { KubeObject } from '../../../src/api/meta.ts'
import { OrphanedCredentials, Secrets } from '../../../src/api/resources.ts'
import { PRYING_IMAGE } from '../cluster/container.ts'
import { LOGIN, OF_CLUSTER } from '../people.ts'
import type { World } from '../world.ts'
import {
  becomeDue,
  becomeSilent,
  both,
  create,
  createReading,
  deleteNamespace,
  lookAfterOrphans,
  offer,
  remove,
  rotate,
} from './steps.ts'
import type { Step, Workload } from './workload.ts'

const admit = (namespace: string, isAdmitted = true): Step => ({
  what: `have the cluster's provider serve ${namespace}${isAdmitted ? '' : ' no more'}`,
  act: ({ people }) => {
    people.admit(namespace, isAdmitted)
  },
  reached: () => true,
})

const isRefused = ({ people }: World, namespace: string): boolean =>
  (people.credential(namespace, 'orders')?.status.conditions ?? []).some(
    ({ reason }) => reason === 'NamespaceNotAllowed',
  )

const areRevoked = ({ server }: World): boolean => server.list(OrphanedCredentials).items.length === 0

const changeLogin = (nth: number): Step => ({
  what: `change the password of the Secret, to the ${nth}.`,
  act: ({ people }) => {
    people.setLogin('team-a', nth)
  },
  reached: () => true,
})

const keepCopy = (copyForRevocation: boolean): Step => ({
  what: copyForRevocation ? 'have a copy kept' : 'have no copy kept any more',
  act: ({ people }) => {
    people.editCredential('team-a', 'orders', { secretParameters: { admin: { copyForRevocation } } })
  },
  reached: ({ people, server }) => {
    const isCopy = ({ metadata }: KubeObject) => metadata.labels?.[label.custody] === CustodyKind.copy
    const isGone = people.secret('team-a', LOGIN) === undefined
    return isGone || server.list(Secrets).items.some(isCopy) === copyForRevocation
  },
})

const deleteLogin: Step = {
  what: 'delete the Secret',
  act: ({ people }) => {
    people.deleteSecret('team-a', LOGIN)
  },
  reached: () => true,
}

/** Providers that log in with Secrets, and those of the cluster. */
export const inputs: readonly Workload[] = [
  {
    name: 'with-inputs',
    says: 'The providers of two teams log in with Secrets of the same name, and pry; one of these changes, and is gone for a while.',
    provider: { image: PRYING_IMAGE },
    steps: [
      createReading(),
      createReading('team-b'),
      changeLogin(2),
      rotate(2),
      deleteLogin,
      { ...rotate(3), what: 'ask for version 3 while the Secret is gone', reached: () => true },
      becomeSilent('2m'),
      { ...changeLogin(3), what: 'make the Secret anew' },
      becomeDue(3),
      remove(),
    ],
  },
  {
    name: 'with-copies',
    says: 'Of the Secret by which a provider logs in a copy is kept: it goes before the credential does, then with the namespace.',
    steps: [
      createReading('team-a', true),
      changeLogin(2),
      becomeSilent('10m'),
      keepCopy(false),
      keepCopy(true),
      deleteLogin,
      {
        ...remove(),
        reached: (world) => world.people.credential('team-a', 'orders') === undefined && areRevoked(world),
      },
      createReading('team-a', true),
      { ...deleteNamespace('team-a'), reached: (world) => world.people.isGone('team-a') && areRevoked(world) },
    ],
  },
  {
    name: 'of-the-cluster',
    says: 'Two teams use a provider of the cluster: one before it may, one while it may not for a time; it makes an end of both.',
    steps: [
      offer({ image: PRYING_IMAGE }, 'team-a'),
      createReading('team-a', true, OF_CLUSTER),
      { ...createReading('team-b', true, OF_CLUSTER), reached: (world) => isRefused(world, 'team-b') },
      { ...admit('team-b'), reached: ({ people }) => people.delivered('team-b', 'orders') >= 1 },
      admit('team-a', false),
      becomeSilent('6m'),
      {
        ...rotate(2),
        what: 'ask for version 2 while the provider does not serve',
        reached: (world) => isRefused(world, 'team-a'),
      },
      { ...admit('team-a'), reached: ({ people }) => people.delivered('team-a', 'orders') >= 2 },
      both(admit('team-a', false), admit('team-b', false)),
      remove(),
      { ...deleteNamespace('team-b'), reached: (world) => world.people.isGone('team-b') && areRevoked(world) },
    ],
  },
  {
    name: 'left-to-people',
    says: 'A provider refers to a Secret of its namespace, which goes: people delete by hand what nothing else can, and say so.',
    provider: { refersToLogin: true },
    steps: [
      create(),
      rotate(2),
      {
        ...deleteNamespace('team-a'),
        reached: ({ people }) =>
          people.isGone('team-a') && people.orphans().every(({ status }) => status.state === 'Blocked'),
      },
      {
        what: 'delete upstream what is left, and have it forgotten',
        act: (world) => {
          lookAfterOrphans(world)
        },
        reached: ({ people }) => people.orphans().length === 0,
      },
    ],
  },
]
