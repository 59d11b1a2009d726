import type { PlannedFault } from './places.ts'
import type { World } from './world.ts'

/** One thing that people do, and what has to come of it whatever goes wrong. */
export interface Step {
  readonly what: string
  readonly act: (world: World) => void
  readonly reached: (world: World) => boolean
}

export interface Workload {
  readonly name: string
  readonly says: string
  /** What goes wrong in every run of it. */
  readonly given?: readonly PlannedFault[]
  readonly steps: readonly Step[]
}

const create = (name = 'orders', namespace = 'team-a'): Step => ({
  what: `create ${namespace}/${name}`,
  act: (world) => {
    world.people.createCredential(namespace, name)
  },
  reached: (world) => world.people.delivered(namespace, name) >= 1,
})

const rotate = (version: number, name = 'orders', namespace = 'team-a'): Step => ({
  what: `rotate ${namespace}/${name} to version ${version}`,
  act: (world) => {
    world.people.rotate(namespace, name, `request-${version}`)
  },
  reached: (world) => world.people.delivered(namespace, name) >= version,
})

const remove = (name = 'orders', namespace = 'team-a'): Step => ({
  what: `delete ${namespace}/${name}`,
  act: (world) => {
    world.people.deleteCredential(namespace, name)
  },
  reached: (world) => world.people.credential(namespace, name) === undefined,
})

export const WORKLOADS: readonly Workload[] = [
  { name: 'create', says: 'A credential is created and delivered.', steps: [create()] },
  {
    name: 'rotate',
    says: 'A credential is rotated three times.',
    steps: [create(), rotate(2), rotate(3), rotate(4)],
  },
  { name: 'delete', says: 'A credential is created, rotated and deleted.', steps: [create(), rotate(2), remove()] },
  {
    name: 'failed-create',
    says: 'The first creation is refused upstream, and the second has no answer.',
    given: [
      { place: 'upstream:create', nth: 1, fault: 'refuse' },
      { place: 'upstream:create', nth: 2, fault: 'lost' },
    ],
    steps: [create(), remove()],
  },
  {
    name: 'failed-delete',
    says: 'The deletion fails twice upstream.',
    given: [
      { place: 'upstream:delete', nth: 1, fault: 'refuse' },
      { place: 'upstream:delete', nth: 2, fault: 'lost' },
    ],
    steps: [create(), remove()],
  },
  {
    name: 'two-tenants',
    says: 'Two teams create, one rotates while the other deletes.',
    steps: [create(), create('orders', 'team-b'), rotate(2), remove('orders', 'team-b')],
  },
  {
    name: 'namespace',
    says: 'A namespace is deleted with a live credential in it.',
    steps: [
      create(),
      {
        what: 'delete the namespace team-a',
        act: (world) => {
          world.people.deleteNamespace('team-a')
        },
        reached: (world) => world.people.isGone('team-a'),
      },
    ],
  },
]
