import fc from 'fast-check'
import { annotation } from '../../../src/api/labels.ts'
import { finish, report, reportFailure, reportInVain, work, workBesides } from './containers.ts'
import { reconcile } from './operator.ts'
import { nextTaskTime, stepTask } from './tasks.ts'
import type { World } from './world.ts'

/** One thing that happens: to which of several it does (`pick`, modulo their number), and after how many effects (`steps`). */
export interface WorldEvent {
  readonly name: EventName
  readonly pick: number
  readonly steps: number
}

type Happening = (world: World, event: WorldEvent) => void
type Pod = World['pods'][number]
type Task = World['tasks'][number]
type Job = World['jobs'][number]

const onOne =
  <T>(of: (world: World) => readonly T[], happen: (world: World, one: T) => void): Happening =>
  (world, { pick }) => {
    const all = of(world)
    const one = all[pick % Math.max(1, all.length)]
    if (one !== undefined) happen(world, one)
  }

const onPod = (happen: (world: World, pod: Pod) => void) =>
  onOne((world) => world.pods.filter(({ status }) => status?.phase === 'Running'), happen)
const onTask = (happen: (world: World, task: Task) => void) => onOne(({ tasks }) => tasks, happen)
const onJob = (happen: (world: World, job: Job) => void) => onOne(({ jobs }) => jobs, happen)

const aTaskGoesOn = onTask((world, task) => {
  stepTask(world, task)
})

/** Everything that can happen, with how often it does beside the others. */
const happenings = {
  'the operator reconciles': [16, (world) => void reconcile(world)],
  'the operator dies at a write': [8, (world, { steps }) => void reconcile(world, { before: steps })],
  'a task goes on while the operator acts': [
    4,
    (world, event) => {
      reconcile(world, {
        before: event.steps,
        meanwhile: () => {
          aTaskGoesOn(world, event)
        },
      })
    },
  ],
  'the operator restarts': [
    1,
    (world) => {
      world.restart()
    },
  ],
  'a task goes on': [16, aTaskGoesOn],
  'the operator dies after a claim': [4, onTask((world, task) => void stepTask(world, task, { createJob: false }))],
  'a pod starts': [
    12,
    onJob((world, job) => {
      world.startPod(job)
    }),
  ],
  'a container works': [
    12,
    onPod((world, pod) => {
      work(world, pod)
    }),
  ],
  'a container reports': [
    12,
    onPod((world, pod) => {
      report(world, pod)
    }),
  ],
  'a report is cut short': [
    3,
    onPod((world, pod) => {
      reportInVain(world, pod)
    }),
  ],
  'a container that is refused undoes nothing': [
    3,
    onPod((world, pod) => {
      report(world, pod, { honest: false })
    }),
  ],
  'a container makes other credentials': [
    3,
    (world, event) => {
      onPod((_, pod) => {
        workBesides(world, pod, event.steps > 2)
      })(world, event)
    },
  ],
  'a container reports failure': [
    3,
    onPod((world, pod) => {
      reportFailure(world, pod)
    }),
  ],
  'a container dies': [
    3,
    onPod((world, pod) => {
      world.endPod(pod, 'Failed')
    }),
  ],
  'a container ends without a word': [
    2,
    onPod((world, pod) => {
      world.endPod(pod, 'Succeeded')
    }),
  ],
  'somebody deletes a task': [
    4,
    onTask((world, task) => {
      world.removeTask(task)
    }),
  ],
  'somebody deletes a Job': [
    2,
    onJob((world, { metadata }) => {
      world.stopJob(metadata.uid)
    }),
  ],
  'somebody asks for a rotation': [
    6,
    (world, { pick }) => {
      world.editMetadata({ annotations: { [annotation.rotateRequestedAt]: String(pick) } })
    },
  ],
  'somebody takes or frees the name of the target': [
    2,
    (world) => {
      world.blocked = !world.blocked
    },
  ],
  'somebody deletes the target': [
    2,
    (world) => {
      world.target = undefined
    },
  ],
  'somebody deletes the credential': [
    1,
    (world) => {
      world.deleteCredential()
    },
  ],
  'the namespace is deleted': [
    1,
    (world) => {
      world.terminate()
    },
  ],
  'a minute passes': [
    6,
    (world) => {
      world.now += 60_000
    },
  ],
  'an hour passes': [
    2,
    (world) => {
      world.now += 3_600_000
    },
  ],
} satisfies Record<string, readonly [weight: number, happen: Happening]>

export type EventName = keyof typeof happenings

export function happen(world: World, event: WorldEvent): void {
  happenings[event.name][1](world, event)
}

const names = fc.oneof(
  ...Object.entries(happenings).map(([name, [weight]]) => ({ weight, arbitrary: fc.constant(name as EventName) })),
)

/** Lives of up to `maxLength` events. */
export const lives = (maxLength: number): fc.Arbitrary<readonly WorldEvent[]> =>
  fc.array(fc.record({ name: names, pick: fc.nat(7), steps: fc.nat(6) }), { maxLength, size: 'max' })

/**
 * No more faults: the operator works without interruption, every container does its work and says so, and time passes
 * whenever nothing else can happen. Returns whether the world came to rest.
 */
export function settle(world: World): boolean {
  world.blocked = false
  for (let round = 0; round < 400; round++) {
    for (const job of world.jobs) if (world.podsOf(job).length === 0) world.startPod(job)
    for (const pod of [...world.pods]) {
      finish(world, pod)
    }
    const worked = [...world.tasks].filter((task) => stepTask(world, task)).length > 0
    const { changed, wakeAt } = reconcile(world)
    if (worked || changed) continue
    const next = Math.min(wakeAt, nextTaskTime(world))
    if (next === Infinity) return true
    world.now = Math.max(world.now + 1000, next)
  }
  return false
}
