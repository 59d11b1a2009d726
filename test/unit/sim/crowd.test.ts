import { expect, it } from 'vitest'
import type { SecretTask } from '../../../src/api/generated.ts'
import { SecretTasks } from '../../../src/api/resources.ts'
import { MOST_TASKS } from '../../sim/observe/limits.ts'
import type { Fact } from '../../sim/observe/facts.ts'
import { OF_CLUSTER, PLATFORM } from '../../sim/people.ts'
import { run } from '../../sim/run.ts'
import type { Step, Workload } from '../../sim/workloads/workload.ts'
import type { World } from '../../sim/world.ts'

/** How many credentials each team has: one floods the others. */
type Crowd = Readonly<Record<string, number>>

const total = (crowd: Crowd): number => Object.values(crowd).reduce((sum, count) => sum + count, 0)

const everyOne = (crowd: Crowd, is: (namespace: string, name: string) => boolean): boolean =>
  Object.entries(crowd).every(([namespace, count]) =>
    Array.from({ length: count }, (_, nth) => count - 1 - nth).every((nth) => is(namespace, `login-${nth}`)),
  )

/** All at once, in the order of the teams. */
const createAll = (crowd: Crowd): Step => ({
  what: `create ${total(crowd)} at once`,
  act: ({ people }) => {
    people.createNamespace(PLATFORM)
    people.createClusterProvider()
    for (const [namespace, count] of Object.entries(crowd)) {
      if (people.isGone(namespace)) people.createNamespace(namespace)
      people.admit(namespace)
      for (let nth = 0; nth < count; nth++) people.createCredential(namespace, `login-${nth}`, OF_CLUSTER)
    }
  },
  reached: ({ people }) => everyOne(crowd, (namespace, name) => people.delivered(namespace, name) >= 1),
})

const distrustAll = (crowd: Crowd): Step => ({
  what: 'have revoked all that was issued',
  act: ({ people, scheduler }) => {
    people.distrustCluster(new Date(Math.ceil(scheduler.now() / 1000) * 1000).toISOString())
  },
  reached: ({ people }) =>
    everyOne(crowd, (namespace, name) =>
      (people.credential(namespace, name)?.status.versions ?? []).every(({ version }) => version === 2),
    ) && people.clusterProvider()?.status.conditions?.some(({ reason }) => reason === 'NoneLeft') === true,
})

/** What is seen of a crowd: whose tasks begin, in their order, and all that the operator writes for it. */
class Onlooker {
  readonly begun: SecretTask[] = []
  readonly atWork = new Set<string>()
  most = 0
  writes = 0
  restarts = 0
  readonly #restartAfter: number

  constructor(restartAfter: number) {
    this.#restartAfter = restartAfter
  }

  see = (fact: Fact, world: World): void => {
    if (fact.kind === 'sent' && !/ (leases|events)$/.test(fact.call)) this.writes += 1
    if (fact.kind !== 'object' || fact.resource.plural !== SecretTasks.plural) return
    const task = fact.object as SecretTask
    if (task.status.state !== 'processing') this.atWork.delete(task.metadata.uid)
    else if (!this.atWork.has(task.metadata.uid)) this.#begin(task, world)
  }

  #begin(task: SecretTask, world: World): void {
    this.atWork.add(task.metadata.uid)
    this.begun.push(task)
    this.most = Math.max(this.most, this.atWork.size)
    if (this.begun.length !== this.#restartAfter) return
    this.restarts += 1
    world.leader()?.life.end()
  }
}

async function watch(steps: readonly Step[], restartAfter: number): Promise<Onlooker> {
  const onlooker = new Onlooker(restartAfter)
  const workload: Workload = { name: 'crowd', says: 'Many at once.', steps }
  // The rules look at all there is with each change: among so many that would take for ever.
  const { violation } = await run(
    { workload: 'crowd', seed: 0, faults: [] },
    { workload, rules: [], onFact: onlooker.see },
  )
  expect(violation).toBeUndefined()
  return onlooker
}

/** How many tasks had begun in all when the n-th of a team did. */
const turnOf = (tasks: readonly SecretTask[], namespace: string, nth: number): number =>
  tasks.flatMap(({ spec }, at) => (spec.credential.namespace === namespace ? [at + 1] : []))[nth - 1] ?? Infinity

/** A restart finds some under way, which have to be looked for and made again. */
const AGAIN = 20

const PATIENCE_MS = 300_000

it(
  'a thousand that are due in the same minute are made within the limits, fairly, and through a restart of the operator',
  async () => {
    const crowd = { 'team-a': 800, 'team-b': 150, 'team-c': 50 }
    const { begun, most, writes, restarts } = await watch([createAll(crowd)], 60)
    expect(restarts).toBe(1)
    expect(most).toBeLessThanOrEqual(MOST_TASKS)
    // One is at work for each of the teams at least.
    expect(most).toBeGreaterThanOrEqual(3)
    expect(begun.length).toBeLessThanOrEqual(1000 + AGAIN)
    // Turn by turn, though those of the first team were there first: of three until the smallest has had all of its own.
    expect(turnOf(begun, 'team-c', 50)).toBeLessThanOrEqual(3 * 50 + AGAIN)
    expect(turnOf(begun, 'team-b', 150)).toBeLessThanOrEqual(3 * 50 + 2 * 100 + AGAIN)
    // With finalizer, kit, first status, and what the task and its credential say while they wait.
    expect(writes / 1000).toBeLessThan(15)
  },
  PATIENCE_MS,
)

it(
  'a hundred that have leaked are replaced and revoked within the limits, fairly, and through a restart of the operator',
  async () => {
    const crowd = { 'team-a': 70, 'team-b': 20, 'team-c': 10 }
    const { begun, most, writes, restarts } = await watch([createAll(crowd), distrustAll(crowd)], 150)
    expect(restarts).toBe(1)
    expect(most).toBeLessThanOrEqual(MOST_TASKS)
    // One is at work for each of the teams at least.
    expect(most).toBeGreaterThanOrEqual(3)
    const later = begun.slice(100)
    expect(later.length).toBeLessThanOrEqual(200 + AGAIN)
    expect(turnOf(later, 'team-c', 20)).toBeLessThanOrEqual(3 * 20 + AGAIN)
    expect(turnOf(later, 'team-b', 40)).toBeLessThanOrEqual(3 * 20 + 2 * 20 + AGAIN)
    expect(writes / 100).toBeLessThan(36)
  },
  PATIENCE_MS,
)
