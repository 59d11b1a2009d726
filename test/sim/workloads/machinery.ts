import { NAIVE_IMAGE } from '../cluster/container.ts'
import { at, create, remove, rotate } from './steps.ts'
import type { Workload } from './workload.ts'

/** What the cluster does to runs. */
export const machinery: readonly Workload[] = [
  {
    name: 'timeout',
    says: 'The first container hangs until its time is up.',
    given: at('container:before-report', 'hang', 1),
    steps: [create(), remove()],
  },
  {
    name: 'no-start',
    says: 'The first pod finds no node, and the image of the second is not there.',
    given: [...at('pod:bind', 'unschedulable', 1), ...at('pod:start', 'no image', 1)],
    steps: [create()],
  },
  {
    name: 'throttled',
    says: 'Two teams create and rotate while the API server is short of breath.',
    given: [
      ...at('write create jobs', 'throttled', 1, 2, 4),
      ...at('write create secrettasks', 'overloaded', 1, 3),
      ...at('write patch secrettasks/status', 'throttled', 2, 3, 5),
      ...at('write patch customcredentials/status', 'overloaded', 1, 4, 6),
    ],
    steps: [create(), create('orders', 'team-b'), rotate(2), rotate(2, 'orders', 'team-b')],
  },
  {
    name: 'relist',
    says: 'Every watch has lost its place, and all is listed anew, page by page.',
    given: ['customcredentials', 'secrettasks', 'jobs', 'pods', 'secrets'].flatMap((plural) =>
      at(`watch ${plural}`, 'expired', 2),
    ),
    steps: [create(), create('invoices'), create('returns'), remove()],
  },
  {
    name: 'wordless',
    says: 'The Job controller writes nothing for a while, and the first container hangs after it has made something.',
    given: [...at('job:report', 'late', 1), ...at('container:before-report', 'hang', 1)],
    steps: [create()],
  },
  {
    name: 'two-pods',
    says: 'The Job controller starts two pods for the first Job, and the upstream refuses one of them.',
    provider: { image: NAIVE_IMAGE, capabilities: [] },
    given: [...at('job:start', 'twice', 1), ...at('upstream:create', 'refuse', 1)],
    steps: [create()],
  },
]
