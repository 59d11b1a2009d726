import { SecretTasks } from '../../../src/api/resources.ts'
import {
  at,
  becomeDue,
  becomeSilent,
  both,
  create,
  createAll,
  createUntil,
  deleteNamespace,
  edit,
  lookAfterOrphans,
  remove,
  rotate,
} from './steps.ts'
import type { Workload } from './workload.ts'

/** What every credential lives through: made, rotated, deleted, with failures on the way. */
export const lives: readonly Workload[] = [
  { name: 'create', says: 'A credential is created and delivered.', steps: [create()] },
  {
    name: 'rotate',
    says: 'A credential is rotated three times.',
    steps: [create(), rotate(2), rotate(3), rotate(4)],
  },
  { name: 'delete', says: 'A credential is created, rotated and deleted.', steps: [create(), rotate(2), remove()] },
  {
    name: 'hasty',
    says: 'A credential is deleted before its creation has begun; made anew, it is deleted while that is under way.',
    steps: [createUntil('queued'), remove(), createUntil('processing'), remove()],
  },
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
      deleteNamespace('team-a'),
      {
        what: 'wait for the end of what is owed',
        // One whose making was long on its way comes when all is done, and finds no kit.
        act: (world) => {
          lookAfterOrphans(world)
        },
        reached: ({ people }) => people.orphans().length === 0,
      },
    ],
  },
  {
    name: 'crowded',
    says: 'Two teams want many at once, and their providers allow one at a time, and few within two minutes.',
    provider: { limits: { concurrency: 1, rateLimit: { tasks: 3, period: '2m' } } },
    given: at('container:before-report', 'hang', 1),
    steps: [createAll(['team-a/orders', 'team-a/invoices', 'team-a/returns', 'team-b/orders']), rotate(2), remove()],
  },
  {
    name: 'suspended-in-line',
    says: 'What a provider may begin within ten minutes is used up: one credential is to be made and one to be deleted upstream, and both are suspended for a while.',
    provider: { limits: { rateLimit: { tasks: 4, period: '10m' } } },
    steps: [
      create('invoices'),
      create('returns', 'team-a', { rotation: { minOverlap: '1m' } }),
      rotate(2, 'returns'),
      rotate(3, 'returns'),
      {
        what: 'rotate invoices, which waits for its turn as what returns has to delete does',
        act: ({ people }) => {
          people.rotate('team-a', 'invoices', 'request-2')
        },
        // After a fault the two may not meet.
        reached: ({ server, people }) =>
          server.list(SecretTasks).items.filter(({ status }) => status.state === 'queued').length > 1 ||
          people.delivered('team-a', 'invoices') >= 2,
      },
      both(edit({ suspend: true }, 'invoices'), edit({ suspend: true }, 'returns')),
      becomeSilent('15m'),
      both(edit({ suspend: null }, 'invoices'), edit({ suspend: null }, 'returns')),
      becomeDue(2, 'invoices'),
      remove('returns'),
    ],
  },
  {
    name: 'standby',
    says: 'The leader dies when it has made its first Job, and another process, which has watched all the while, goes on.',
    replicas: 2,
    given: at('write create jobs', 'crash after', 1),
    steps: [create(), rotate(2), remove()],
  },
]
