import { at, becomeDue, becomeSilent, create, edit, lock, remove, rotate } from './steps.ts'
import type { Spec, Workload } from './workload.ts'

/** For how long the previous version is to stay usable, and how soon the next is due. */
const OVERLAPPING: Spec = {
  rotation: { interval: '2m', minOverlap: '1m' },
  taskHistoryLimit: 1,
  versionHistoryLimit: 1,
}

/** What time decides, and what people have wait. */
export const calendar: readonly Workload[] = [
  {
    name: 'interval',
    says: 'A credential is rotated whenever it is due, and its consumers take their time to follow.',
    steps: [create('orders', 'team-a', OVERLAPPING), becomeDue(3), edit({ rotation: { interval: null } })],
  },
  {
    name: 'expiry',
    says: 'Versions live for a while and are rotated in time; then the last one expires, and somebody asks for another.',
    steps: [
      create('orders', 'team-a', { rotation: { interval: '2m', minOverlap: '11m' }, ttl: '12m' }),
      becomeDue(3),
      edit({ rotation: { interval: null } }),
      {
        what: 'wait for the end of the last version',
        act: () => undefined,
        reached: ({ people }) => people.credential('team-a', 'orders')?.status.state === 'destroyed',
      },
      edit({ ttl: null }),
      {
        what: 'ask for another version',
        act: ({ people }) => {
          people.rotate('team-a', 'orders', 'another')
        },
        reached: ({ people }) => people.credential('team-a', 'orders')?.status.state === 'active',
      },
    ],
  },
  {
    name: 'window',
    says: 'A credential that is always due is rotated in windows only.',
    steps: [
      create('orders', 'team-a', {
        rotation: { interval: '1m', window: { schedule: '10,40 * * * *', duration: '2m' }, jitter: '30s' },
        taskHistoryLimit: 1,
      }),
      becomeDue(4),
      edit({ rotation: null }),
      remove(),
    ],
  },
  {
    name: 'edited',
    says: 'Parameters are edited: first for the next version, then at once, with a time to live; an edit of labels makes none.',
    steps: [
      create('orders', 'team-a', { parameters: { role: 'reader' } }),
      edit({ parameters: { role: 'writer' } }),
      becomeSilent('2m'),
      rotate(2),
      edit({ applyPolicy: 'Immediate', parameters: { role: 'owner' } }),
      becomeDue(3),
      edit({ ttl: '10d', target: { labels: { tier: 'gold' } } }),
      becomeDue(4),
      edit({ target: { labels: { tier: 'silver' } } }),
      becomeSilent('2m'),
      remove(),
    ],
  },
  {
    name: 'suspended',
    says: 'A credential that is due again and again is suspended for a while, and rotated by request once it is resumed.',
    steps: [
      create('orders', 'team-a', { rotation: { interval: '2m' } }),
      edit({ suspend: true }),
      becomeSilent('10m'),
      edit({ suspend: null, rotation: { interval: null } }),
      rotate(2),
      remove(),
    ],
  },
  {
    name: 'locked',
    says: 'The previous version is locked while a rotation is asked for, and the current one while the object is deleted.',
    steps: [
      create(),
      rotate(2),
      lock('previous'),
      { ...rotate(3), what: 'ask for version 3', reached: () => true },
      becomeSilent('3m'),
      { ...lock('current'), what: 'lock the current version in place of the previous one' },
      becomeDue(3),
      { ...remove(), what: 'delete it while it is locked', reached: () => true },
      becomeSilent('3m'),
      {
        what: 'unlock it',
        act: ({ people }) => {
          people.editCredential('team-a', 'orders', { locks: null })
        },
        reached: ({ people }) => people.credential('team-a', 'orders') === undefined,
      },
    ],
  },
  {
    name: 'locked-beyond-its-time',
    says: 'A version is locked when its time to live ends, and when that of its successor does: both stay until it is unlocked.',
    steps: [
      create('orders', 'team-a', { ttl: '10m' }),
      lock('current'),
      becomeSilent('12m'),
      rotate(2),
      becomeSilent('12m'),
      {
        what: 'unlock it',
        act: ({ people }) => {
          people.editCredential('team-a', 'orders', { locks: null })
        },
        reached: ({ people }) => people.credential('team-a', 'orders')?.status.state === 'destroyed',
      },
      edit({ ttl: null }),
      rotate(3),
    ],
  },
  {
    name: 'given-up',
    says: 'A credential that was brought back from a backup has had 249 creations fail; after one more it waits for people to ask.',
    given: at('upstream:create', 'refuse', 1),
    steps: [
      {
        what: 'bring team-a/orders back',
        act: ({ people }) => {
          people.bringBack('team-a', 'orders', { nextVersion: { number: 1, attempts: 249, failures: 249 } })
        },
        reached: ({ people }) =>
          people.delivered('team-a', 'orders') >= 1 ||
          (people.credential('team-a', 'orders')?.status.conditions ?? []).some(
            ({ reason }) => reason === 'CreationGivenUp',
          ),
      },
      becomeSilent('70m'),
      { ...rotate(1), what: 'ask for another try' },
    ],
  },
]
