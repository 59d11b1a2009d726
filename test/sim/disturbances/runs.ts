import { finalizer } from '../../../src/api/labels.ts'
import { Jobs, Pods, SecretTasks } from '../../../src/api/resources.ts'
import type { Disturbances } from './disturbance.ts'
import { editAll, removeAll, strip } from './hand.ts'

/** What people may do out of turn to runs: tasks, Jobs and pods. */
export const ON_RUNS: Disturbances = {
  'tasks are cancelled': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, SecretTasks)
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
  /** Their containers go on until the node has heard of it. */
  'pods are removed by force': {
    catalogue: 'F20',
    strike: (world) => {
      removeAll(world, Pods, { force: true })
    },
  },
}
