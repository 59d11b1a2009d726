import { annotation, label } from '../../../src/api/labels.ts'
import type { World } from '../world.ts'
import { becomeSilent, both, create, remove, rotate } from './steps.ts'
import type { Step, Workload } from './workload.ts'

/** A Secret that bears the name of the target, whosever credential comes for it. */
const nameTaken = (name = 'orders', namespace = 'team-a'): readonly Step[] => [
  {
    what: `create ${namespace}/${name} where a Secret of that name is`,
    act: ({ people }) => {
      people.createSecret(namespace, name)
      people.createCredential(namespace, name)
    },
    reached: ({ people }) =>
      people.delivered(namespace, name) >= 1 ||
      (people.credential(namespace, name)?.status.conditions ?? []).some(({ reason }) => reason === 'TargetConflict'),
  },
  {
    what: `take the Secret ${namespace}/${name} away`,
    act: ({ people }) => {
      if (people.delivered(namespace, name) === 0) people.deleteSecret(namespace, name)
    },
    reached: ({ people }) => people.delivered(namespace, name) >= 1,
  },
]

/** The Secret bears another name: what consumers have is there then. */
const rename = (to: string, name = 'orders', namespace = 'team-a'): Step => ({
  what: `rename the Secret of ${namespace}/${name} to ${to}`,
  act: ({ people }) => {
    people.editCredential(namespace, name, { target: { name: to } })
  },
  reached: (world) => isThere(world, to, name, namespace),
})

const isThere = ({ people }: World, secret: string, name: string, namespace: string): boolean => {
  const { metadata, status } = people.credential(namespace, name) ?? {}
  const { labels, annotations } = people.secret(namespace, secret)?.metadata ?? {}
  const isOurs = metadata !== undefined && labels?.[label.credentialUid] === metadata.uid
  return isOurs && annotations?.[annotation.version] === String(status?.currentVersion)
}

const isConflicted = ({ people }: World, name = 'orders', namespace = 'team-a'): boolean =>
  (people.credential(namespace, name)?.status.conditions ?? []).some(({ reason }) => reason === 'TargetConflict')

/** While somebody sees to it that this Secret of their own is there. */
const keptFor = (secret: string, step: Step): Step => ({
  ...step,
  reached: (world) => {
    world.people.keepSettings('team-a', secret)
    return step.reached(world)
  },
})

/** The Secret that consumers read, and whose it is. */
export const targets: readonly Workload[] = [
  { name: 'name-taken', says: "The target Secret is somebody else's, who then takes it away.", steps: nameTaken() },
  {
    name: 'left',
    says: 'A credential is rotated and deleted, and its Secret stays, though it is nobody’s any more.',
    steps: [create('orders', 'team-a', { target: { name: 'login', deletionPolicy: 'Retain' } }), rotate(2), remove()],
  },
  {
    name: 'merged',
    says: 'A credential is merged into a Secret that people make later, and edit; it is rotated, moved to another of theirs, and deleted.',
    steps: [
      {
        what: 'create team-a/orders, to be merged into a Secret that is not there yet',
        act: ({ people }) => {
          people.createCredential('team-a', 'orders', { target: { name: 'app', creationPolicy: 'Merge' } })
        },
        reached: ({ people }) =>
          (people.credential('team-a', 'orders')?.status.conditions ?? []).some(
            ({ reason }) => reason === 'TargetMissing',
          ) || people.delivered('team-a', 'orders') >= 1,
      },
      keptFor('app', {
        what: 'make that Secret',
        act: () => undefined,
        reached: ({ people }) => people.delivered('team-a', 'orders') >= 1,
      }),
      keptFor('app', rotate(2)),
      keptFor('app', {
        ...rotate(3),
        what: 'edit a key of it, and rotate',
        act: ({ people }) => {
          people.editSettings('team-a', 'app', 'db-2.example.com')
          people.rotate('team-a', 'orders', 'request-3')
        },
      }),
      {
        what: 'move it to another, which has such a key already, with the same value',
        act: ({ people }) => {
          people.createSecret('team-a', 'settings', people.text('team-a', 'app', 'password'))
          people.editCredential('team-a', 'orders', { target: { name: 'settings' } })
        },
        reached: (world) => isConflicted(world) || isThere(world, 'settings', 'orders', 'team-a'),
      },
      keptFor('settings', { ...rename('settings'), what: 'take that key out' }),
      remove(),
    ],
  },
  {
    name: 'renamed',
    says: 'The Secret of a credential is renamed, and what is displaced stays for an overlap; it is rotated, and renamed as it goes.',
    steps: [
      create('orders', 'team-a', { rotation: { minOverlap: '1m' } }),
      rename('login'),
      rotate(2),
      { ...rename('access'), reached: () => true },
      remove(),
    ],
  },
  {
    name: 'renamed-again',
    says: 'The Secret of a credential is renamed there and back, and twice before anything is cleaned up.',
    steps: [
      create(),
      { ...rename('login'), reached: () => true },
      becomeSilent('1s'),
      rename('orders'),
      becomeSilent('30s'),
      { ...rename('login'), reached: () => true },
      rename('access'),
    ],
  },
  {
    name: 'renamed-onto',
    says: 'A Secret is renamed onto the former one of another credential, and onto one that is somebody else’s, who then takes it away.',
    steps: [
      create('orders', 'team-a', { target: { name: 'login' } }),
      create('invoices'),
      both(rename('entry'), rename('login', 'invoices')),
      {
        what: 'rename it onto a Secret that is there',
        act: ({ people }) => {
          people.createSecret('team-a', 'access')
          people.editCredential('team-a', 'orders', { target: { name: 'access' } })
        },
        reached: (world) => isConflicted(world) || isThere(world, 'access', 'orders', 'team-a'),
      },
      rotate(2, 'invoices'),
      {
        what: 'take that Secret away',
        act: ({ people }) => {
          const isForeign = people.secret('team-a', 'access')?.metadata.labels === undefined
          if (isForeign) people.deleteSecret('team-a', 'access')
        },
        reached: (world) => isThere(world, 'access', 'orders', 'team-a'),
      },
      remove(),
    ],
  },
]
