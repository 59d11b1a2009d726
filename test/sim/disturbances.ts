import { CustomCredentials, Jobs, Pods, Secrets, SecretTasks } from '../../src/api/resources.ts'
import type { KubeObject, Resource } from '../../src/api/meta.ts'
import { label } from '../../src/api/labels.ts'
import type { ObjectChange } from './observe/facts.ts'
import { CUSTODY } from './operator/operator-process.ts'
import type { World } from './world.ts'

const DAY_MS = 86_400_000
const by = 'a hostile person'

/** What may befall the world at any change of it, by name. */
export const DISTURBANCES: Readonly<Record<string, (world: World, change: ObjectChange) => void>> = {
  'leader crashes': (world) => {
    world.leader()?.life.end()
  },
  /** Longer than its lease: another process leads when it wakes, with everything in its memory. */
  'leader is frozen': (world) => {
    const leader = world.leader()
    if (leader === undefined) return
    leader.life.pause(40_000)
    world.start()
  },
  'event loop is blocked': (world) => {
    world.leader()?.life.pause(9_000)
  },
  'clock jumps ahead': (world) => {
    for (const { life } of world.processes) life.skewMs += DAY_MS
  },
  'clock jumps back': (world) => {
    for (const { life } of world.processes) life.skewMs -= DAY_MS
  },
  'history is compacted': ({ server }) => {
    server.compact(server.revision)
  },
  'credential is deleted': (world) => {
    removeAll(world, CustomCredentials)
  },
  'credential is made anew': (world) => {
    const [credential] = world.server.list(CustomCredentials).items
    removeAll(world, CustomCredentials)
    const { namespace = '', name = '' } = credential?.metadata ?? {}
    world.scheduler.after(60_000, 'make anew', () => {
      if (name !== '' && world.people.credential(namespace, name) === undefined && !world.people.isGone(namespace))
        world.people.createCredential(namespace, name)
    })
  },
  'rotation is asked for': ({ server, people }) => {
    for (const { metadata } of server.list(CustomCredentials).items)
      people.rotate(metadata.namespace ?? '', metadata.name, 'out of turn')
  },
  'tasks are cancelled': (world) => {
    removeAll(world, SecretTasks)
  },
  'Jobs are deleted': (world) => {
    removeAll(world, Jobs, 'Background')
  },
  'Jobs are deleted, orphaning': (world) => {
    removeAll(world, Jobs, 'Orphan')
  },
  'pods are evicted': (world) => {
    removeAll(world, Pods)
  },
  'target Secrets are deleted': (world) => {
    removeAll(world, Secrets, 'Background', ({ metadata }) => metadata.namespace !== CUSTODY)
  },
  'namespace is deleted': ({ people }) => {
    people.deleteNamespace('team-a')
  },
}

export function strike(world: World, name: string, change: ObjectChange): void {
  DISTURBANCES[name]?.(world, change)
}

function removeAll<T extends KubeObject>(
  world: World,
  resource: Resource<T>,
  propagation: 'Background' | 'Orphan' = 'Background',
  which: (object: T) => boolean = ({ metadata }) => metadata.labels?.[label.managedBy] !== 'somebody',
): void {
  for (const object of world.server.list(resource).items.filter(which)) {
    const { namespace, name } = object.metadata
    const key = { name, ...(namespace !== undefined && { namespace }) }
    world.hostile(`delete ${resource.plural}`, key)
    world.server.remove(resource, key, { by, propagation })
  }
}
