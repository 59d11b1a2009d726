import { parseDuration } from '../../../src/api/duration.ts'
import type { OrphanedCredential, SecretTask } from '../../../src/api/generated.ts'
import { SecretTasks } from '../../../src/api/resources.ts'
import { LOGIN, PLATFORM, type ProviderSetting } from '../people.ts'
import type { PlannedFault } from '../places.ts'
import type { World } from '../world.ts'
import type { Spec, Step } from './workload.ts'

export const MINUTE_MS = 60_000

export const create = (name = 'orders', namespace = 'team-a', spec: Spec = {}): Step => ({
  what: `create ${namespace}/${name}`,
  act: (world) => {
    world.people.createCredential(namespace, name, spec)
  },
  reached: (world) => world.people.delivered(namespace, name) >= 1,
})

/** No longer waited for than until its task is so far. */
export const createUntil = (state: SecretTask['status']['state']): Step => ({
  ...create(),
  what: `create team-a/orders, until its task is ${state}`,
  reached: ({ server }) => server.list(SecretTasks).items.some(({ status }) => status.state === state),
})

/** All at once. */
export const createAll = (names: readonly string[], spec: Spec = {}): Step => ({
  what: `create ${names.join(', ')}`,
  act: ({ people }) => {
    for (const [namespace = '', name = ''] of names.map((full) => full.split('/')))
      people.createCredential(namespace, name, spec)
  },
  reached: ({ people }) =>
    names.every((full) => people.delivered(full.split('/')[0] ?? '', full.split('/')[1] ?? '') >= 1),
})

export const rotate = (version: number, name = 'orders', namespace = 'team-a'): Step => ({
  what: `rotate ${namespace}/${name} to version ${version}`,
  act: (world) => {
    world.people.rotate(namespace, name, `request-${version}`)
  },
  reached: (world) => world.people.delivered(namespace, name) >= version,
})

export const remove = (name = 'orders', namespace = 'team-a'): Step => ({
  what: `delete ${namespace}/${name}`,
  act: (world) => {
    world.people.deleteCredential(namespace, name)
  },
  reached: (world) => world.people.credential(namespace, name) === undefined,
})

export const becomeDue = (version: number, name = 'orders', namespace = 'team-a'): Step => ({
  what: `wait for version ${version} of ${namespace}/${name}`,
  act: () => undefined,
  reached: (world) => world.people.delivered(namespace, name) >= version,
})

export const edit = (spec: object, name = 'orders', namespace = 'team-a'): Step => ({
  what: `edit ${namespace}/${name}`,
  act: (world) => {
    world.people.editCredential(namespace, name, spec)
  },
  reached: () => true,
})

/** Each lock has a name of its own: by it, it stays with its version. */
export const lock = (version: 'current' | 'previous', name = 'orders', namespace = 'team-a'): Step => ({
  what: `lock the ${version} version of ${namespace}/${name}`,
  act: ({ people }) => {
    people.editCredential(namespace, name, { locks: [{ name: `the-${version}`, version }] })
  },
  reached: ({ people }) => {
    const { spec, status } = people.credential(namespace, name) ?? {}
    return spec?.locks === undefined || (status?.locks ?? []).length > 0
  },
})

/** So long nothing is asked for. */
export const becomeSilent = (duration: string): Step => {
  let until: number | undefined
  return {
    what: `let ${duration} go by`,
    act: ({ scheduler }) => {
      until = scheduler.now() + parseDuration(duration)
      scheduler.after(parseDuration(duration), 'the end of a silence', () => undefined)
    },
    reached: ({ scheduler }) => scheduler.now() >= (until ?? Infinity),
  }
}

/** At the same time. */
export const both = (one: Step, other: Step): Step => ({
  what: `${one.what}, and ${other.what}`,
  act: (world) => {
    one.act(world)
    other.act(world)
  },
  reached: (world) => one.reached(world) && other.reached(world),
})

export const createReading = (namespace = 'team-a', copyForRevocation = false, spec: Spec = {}): Step => ({
  ...create('orders', namespace),
  what: `create ${namespace}/orders, whose provider logs in with a Secret`,
  act: ({ people }) => {
    people.setLogin(namespace, 1)
    const secretParameters = { admin: { name: LOGIN, copyForRevocation } }
    people.createCredential(namespace, 'orders', { ...spec, secretParameters })
  },
})

/** One of the cluster, that logs in with a Secret of the administrator. Its tenants' Jobs lie side by side. */
export const offer = (setting: ProviderSetting, ...namespaces: readonly string[]): Step => ({
  what: `offer a provider of the cluster to ${namespaces.join(', ')}`,
  act: ({ people }) => {
    people.createNamespace(PLATFORM)
    people.setLogin(PLATFORM, 1)
    people.createClusterProvider({ ...setting, refersToLogin: true })
    for (const namespace of namespaces) people.admit(namespace)
  },
  reached: () => true,
})

/** Again and again: the orphan of a process that has died may come late. */
export function lookAfterOrphans(
  world: World,
  isTheirs = ({ status }: OrphanedCredential) => status.state === 'Blocked',
): void {
  const { people, cluster, scheduler } = world
  for (const { metadata, spec } of people.orphans().filter(isTheirs)) {
    cluster.upstream.deleteByHand(spec.originTaskId)
    people.forgetOrphan(metadata.name)
  }
  scheduler.after(MINUTE_MS, 'aside people look after orphans', () => {
    lookAfterOrphans(world, isTheirs)
  })
}

export const deleteNamespace = (namespace: string): Step => ({
  what: `delete the namespace ${namespace}`,
  act: ({ people }) => {
    people.deleteNamespace(namespace)
  },
  reached: ({ people }) => people.isGone(namespace),
})

export const at = (place: string, fault: string, ...occasions: readonly number[]): PlannedFault[] =>
  occasions.map((nth) => ({ place, nth, fault }))
