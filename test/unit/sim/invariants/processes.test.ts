import type { Fact } from '../../../sim/observe/facts.ts'
import { added, changed, credential, lease, refused, target } from './facts-builders.ts'
import { check } from './table.ts'

const status = (number: number) => credential({ nextVersion: { number } })
const write = (by: string): Fact => changed(status(1), status(2), by)
const takeover = [added(lease('operator-1')), changed(lease('operator-1'), lease('operator-2', 2))]
const failed = (why: string): Fact => ({ kind: 'failed', by: 'operator-1', why })
const logged = (text: string, by = 'operator-1'): Fact => ({ kind: 'text', by, text })

check([
  {
    id: 'S23',
    keeps: {
      'the leader goes on': [added(lease('operator-1')), write('operator-1'), write('operator-1')],
      'the next leader goes on': [added(lease('operator-1')), write('operator-1'), ...takeover, write('operator-2')],
      'a late write comes first': [...takeover, write('operator-1'), write('operator-2')],
      'a person writes': [...takeover, write('operator-2'), write('person')],
    },
    breaks: {
      'a late write comes after': [...takeover, write('operator-2'), write('operator-1')],
      'a late delivery comes after': [
        ...takeover,
        added(target(2, 'b'), 'operator-2'),
        changed(target(2, 'b'), target(1, 'a'), 'operator-1'),
      ],
    },
  },
  {
    id: 'S32',
    keeps: {
      'leadership is lost': [failed('LeadershipLost: leadership was lost')],
      'a call has failed': [logged('error a reconcile failed {"err":"ApiError: broken"}')],
      'a call is refused': [refused('read get secrets')],
      'a person says so': [logged('TypeError', 'person')],
    },
    breaks: {
      'a process ends by an error': [failed('Error: no')],
      'a reconcile runs into a defect': [
        logged('error a reconcile failed TypeError: Cannot read properties of undefined'),
      ],
      'it has no right to what it asks for': [refused('read get secrets', '403 Forbidden RightMissing')],
      'a handler throws': [logged('error a store handler failed {}')],
    },
  },
])
