import { added, changed, credential, lease, task, version } from './facts-builders.ts'
import { check } from './table.ts'

const versions = [version(1, 'a', 'task-1'), version(2, 'b', 'task-2')]
const locking = (number: number, name = 'audit') => {
  const described = credential({ versions, locks: [{ name: 'audit', version: number }] })
  const spec = { locks: [{ name, version: 'previous' }] }
  return added({ ...described, object: { ...described.object, spec } as typeof described.object })
}
const holding = (...locks: readonly object[]) => credential({ versions, locks })
const leads = added(lease('operator-1'))
const rotation = (trigger = 'manual_secret_rotation', by = 'operator-1') =>
  added(task('task-3', 'queued', {}, { trigger }), by)
const deletion = (originTaskId: string) => added(task('task-4', 'queued', {}, { originTaskId }))

check([
  {
    id: 'S14',
    keeps: {
      'the current version is locked': [leads, locking(2), rotation()],
      'another version is deleted': [leads, locking(1), deletion('task-2')],
      'the lock has been taken back': [leads, locking(1, 'another'), rotation(), deletion('task-1')],
      'a process that does not lead any more had ordered it': [leads, locking(1), rotation(undefined, 'operator-0')],
    },
    breaks: {
      'the previous version is locked': [leads, locking(1), rotation()],
      'the locked version is deleted': [leads, locking(1), deletion('task-1')],
      'the rotation is one by interval': [leads, locking(1), rotation('automatic_secret_rotation')],
    },
  },
  {
    id: 'S14 bound',
    keeps: {
      'it is taken back': [changed(holding({ name: 'audit', version: 1 }), holding())],
      'another one is bound': [changed(holding(), holding({ name: 'audit', version: 2 }))],
    },
    breaks: {
      'it moves on': [changed(holding({ name: 'audit', version: 1 }), holding({ name: 'audit', version: 2 }))],
    },
  },
])
