import { added, credential, fault, task, version } from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

/** Every run begins at midnight; the window is open from one to two. */
const windowed = (more: object = {}) => {
  const described = credential({ versions: [{ ...version(1, 'a'), createdAt: '2026-01-01T00:00:00Z', ...more }] })
  const spec = { rotation: { interval: '1m', window: { schedule: '0 1 * * *', duration: '1h' } } }
  return added({ ...described, object: { ...described.object, spec } as typeof described.object })
}
const rotation = (trigger = 'automatic_secret_rotation') => added(task('task-2', 'queued', {}, { trigger }))

check([
  {
    id: 'S29 window',
    keeps: {
      'it is open': [windowed(), pass(5400), rotation()],
      'it was open a moment ago': [windowed(), pass(7230), rotation()],
      'somebody asked for it': [windowed(), pass(600), rotation('manual_secret_rotation')],
      'the version is near its end': [windowed({ expiresAt: '2026-01-01T00:10:00Z' }), pass(560), rotation()],
      'the version is of no use': [windowed({ suspect: 'undone' }), pass(600), rotation()],
      'a clock was set': [fault('clock jumps ahead'), windowed(), pass(600), rotation()],
      'there is no window': [added(credential()), pass(600), rotation()],
    },
    breaks: {
      'it is not open yet': [windowed(), pass(600), rotation()],
      'it is closed again': [windowed(), pass(7300), rotation()],
      'the end of the version is far off': [windowed({ expiresAt: '2026-01-02T00:00:00Z' }), pass(600), rotation()],
    },
  },
  {
    id: 'S29 ended',
    keeps: {
      'it is the first': [added(credential({ state: 'pre_activation' })), rotation('secret_creation')],
      'somebody asks for another': [added(credential({ state: 'destroyed' })), rotation('manual_secret_rotation')],
    },
    breaks: { 'nobody asks': [added(credential({ state: 'destroyed' })), rotation('secret_creation')] },
  },
])
