import type { CacheChanged, Fact } from '../../../sim/observe/facts.ts'
import { added, changed, deleted, job, lease, object, sent, task } from './facts-builders.ts'
import { check } from './table.ts'
import { Secrets, SecretTasks } from '../../../../src/api/resources.ts'

/** The caches' and the server's `task-2`, as of a version. */
const about = (resourceVersion: string, uid = 'uid-task-2') =>
  ({ by: 'operator-1', plural: SecretTasks.plural, namespace: 'shop', name: 'task-2', uid, resourceVersion }) as const
const knows = (version: string, more: Partial<CacheChanged> = {}): Fact => ({
  kind: 'known',
  gone: false,
  ...about(version),
  ...more,
})
const misses = (version: string): Fact => knows(version, { gone: true })
const wrote = (version: string): Fact => ({ kind: 'written', ...about(version) })
const theirs = job({}, { labels: {} })
const writtenTo = ({ resource: { plural }, object: { metadata } }: typeof theirs): Fact => ({
  kind: 'written',
  ...about(metadata.resourceVersion, metadata.uid),
  plural,
})
const at = (resourceVersion: string) => object(SecretTasks, { name: 'task-2', resourceVersion }, {})
const theirSecret = object(Secrets, { name: 'ledger-admin' }, {})
const goesOn = sent('create jobs', 'task-2')
const leads = added(lease('operator-1'))

check([
  {
    id: 'S21',
    keeps: {
      'its cache has what it has written': [added(at('5')), wrote('5'), knows('5'), goesOn],
      'its cache is newer, by the watch': [added(at('5')), knows('7'), wrote('5'), goesOn],
      'what it has written is gone since': [added(at('5')), wrote('5'), knows('5'), misses('5'), goesOn],
      'the answer has not come yet': [added(at('5')), knows('4'), goesOn],
      'no cache keeps the like of it': [added(theirs), writtenTo(theirs), goesOn],
    },
    breaks: {
      'its cache has what was there before': [added(at('5')), knows('4'), wrote('5'), goesOn],
      'its cache has never heard of it': [added(at('5')), wrote('5'), goesOn],
    },
  },
  {
    id: 'S22',
    keeps: {
      'each version is newer': [knows('9'), knows('10'), misses('10')],
      'it leaves the selection and comes back': [knows('9'), misses('9'), knows('11')],
      'another object bears the name': [knows('9'), misses('9'), knows('8', { uid: 'another' })],
      'another process is behind': [knows('9'), knows('8', { by: 'operator-2' })],
    },
    breaks: {
      'an older version takes the place of a newer one': [knows('10'), knows('9')],
      'what is gone comes back as it was': [knows('9'), misses('9'), knows('9')],
    },
  },
  {
    id: 'L7',
    keeps: {
      'the leader knows all': [leads, added(at('5')), knows('5')],
      'what is gone is gone': [leads, added(at('5')), knows('5'), deleted(at('5')), misses('5')],
      'a process that does not lead is behind': [leads, added(at('5')), knows('5'), knows('4', { by: 'operator-2' })],
      'nobody leads': [added(at('5'))],
    },
    breaks: {
      'the leader has not heard of a change': [leads, added(at('5')), knows('5'), changed(at('5'), at('6'))],
      'it has not heard of an object': [leads, added(task('task-1', 'queued'))],
      'it takes something to be there that is gone': [leads, added(at('5')), knows('5'), deleted(at('5'))],
      'it has not heard of a Secret that may be somebody’s input': [leads, added(theirSecret)],
      'it takes something to be gone that is there': [leads, added(at('5')), knows('5'), misses('5')],
    },
  },
])
