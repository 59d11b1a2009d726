import type { CustomCredential } from '../../../src/api/generated.ts'
import { finalizer } from '../../../src/api/labels.ts'
import { CustomCredentials, Jobs, Pods, SecretTasks } from '../../../src/api/resources.ts'
import { type Disturbances, MINUTE_MS } from './disturbance.ts'
import type { World } from '../world.ts'
import { editAll, removeAll, strip } from './hand.ts'

/** A creation that was cancelled waits for its next cause: whoever sees that asks for it. */
function askAgain({ server, scheduler, people }: World): void {
  const asked = new Set<string>()
  server.subscribe(({ resource, object }) => {
    if (resource.plural !== CustomCredentials.plural) return
    const { metadata, status } = object as CustomCredential
    const taskId = status.nextVersion?.cancelledAt === undefined ? undefined : status.lastFailure?.taskId
    if (taskId === undefined || asked.has(taskId)) return
    asked.add(taskId)
    scheduler.after(MINUTE_MS, 'a cancelled creation is asked for', () => {
      people.rotate(metadata.namespace ?? '', metadata.name, `again-${status.nextVersion?.cancelledAt ?? ''}`)
    })
  })
}

/** What people may do out of turn to runs: tasks, Jobs and pods. */
export const ON_RUNS: Disturbances = {
  'tasks are cancelled': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, SecretTasks)
      askAgain(world)
    },
  },
  'tasks are annotated': {
    catalogue: 'F20',
    strike: (world, { revision }) => {
      editAll(world, SecretTasks, { metadata: { annotations: { 'example.com/at': String(revision) } } })
    },
  },
  'Jobs are deleted': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, Jobs, { propagation: 'Background' })
    },
  },
  'Jobs are deleted in the foreground': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, Jobs, { propagation: 'Foreground' })
    },
  },
  'Jobs are deleted, orphaning': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, Jobs, { propagation: 'Orphan' })
    },
  },
  'Jobs are annotated': {
    catalogue: 'F20',
    strike: (world, { revision }) => {
      editAll(world, Jobs, { metadata: { annotations: { 'example.com/at': String(revision) } } })
    },
  },
  'Jobs are suspended': {
    catalogue: 'F20',
    strike: (world) => {
      editAll(world, Jobs, { spec: { suspend: true } })
    },
  },
  'Jobs lose their finalizers': {
    catalogue: 'F20',
    strike: (world) => {
      strip(world, Jobs, finalizer.jobRelease)
    },
  },
  /** With all that is left of them in the cluster. */
  'Jobs are removed by force': {
    catalogue: 'F20',
    strike: (world) => {
      strip(world, Jobs, finalizer.jobRelease)
      removeAll(world, Jobs, { propagation: 'Background' })
    },
  },
  /** Their containers go on until the node has heard of it. */
  'pods are removed by force': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, Pods, { force: true })
    },
  },
}
