import { inputId } from '../../../../src/api/input-id.ts'
import { Secrets } from '../../../../src/api/resources.ts'
import type { Fact } from '../../../sim/observe/facts.ts'
import { added, changed, deleted, fault, object, task } from './facts-builders.ts'
import { BEGIN, pass } from './judge.ts'
import { check } from './table.ts'

const UID = '6f1c3a52-27d0-4a35-9b0e-3f4f5be2c001'
const reader = (state: string, uid = UID) =>
  task('task-1', state, {}, { credential: { namespace: 'shop', uid }, secretParameters: { admin: { name: 'login' } } })
const login = (password: string, namespace = 'shop') =>
  object(Secrets, { namespace, name: 'login' }, { data: { password: Buffer.from(password).toString('base64') } })
const deleting = [
  added(login('first')),
  added(
    task(
      'task-1',
      'processing',
      {},
      {
        credential: { namespace: 'shop', uid: UID },
        originTaskId: 'task-0',
        secretParameters: { admin: { name: 'login' } },
      },
    ),
  ),
]
const begun = [added(login('first')), added(login('theirs', 'bank')), added(reader('processing'))]

/** `askedAt`: seconds from the beginning. */
const shown = (password: string, { id = inputId(UID, 'login'), askedAt = 0, code = 200 } = {}): Fact => ({
  kind: 'shown',
  taskId: 'task-1',
  podUid: 'uid-pod-1',
  id,
  askedAt: BEGIN + askedAt * 1000,
  code,
  body: JSON.stringify({ data: { password } }),
})

check([
  {
    id: 'S18',
    keeps: {
      'it is what the task names': [...begun, shown('first')],
      'it has changed since it was asked for': [
        ...begun,
        pass(1),
        changed(login('first'), login('second')),
        shown('first'),
      ],
      'it was made anew': [...begun, deleted(login('first')), pass(1), added(login('second')), shown('second')],
      'the task ends while the answer is on its way': [
        ...begun,
        pass(1),
        changed(reader('processing'), reader('credentials_created')),
        shown('first'),
      ],
      'a deletion is shown what it held when it went': [
        ...deleting,
        deleted(login('first')),
        pass(60),
        shown('first', { askedAt: 60 }),
      ],
      'a copy has not followed a change of the last minutes': [
        ...deleting,
        changed(login('first'), login('second')),
        pass(60),
        deleted(login('second')),
        pass(60),
        shown('first', { askedAt: 120 }),
      ],
      'a copy could not follow': [
        ...deleting,
        changed(login('first'), login('second')),
        pass(600),
        fault('API server is away'),
        deleted(login('second')),
        shown('first', { askedAt: 600 }),
      ],
      'it is refused': [...begun, shown('theirs', { id: inputId(UID, 'other'), code: 404 })],
    },
    breaks: {
      'the task names another': [...begun, shown('first', { id: inputId(UID, 'other') })],
      'it is that of another credential': [
        ...begun,
        shown('first', { id: inputId('0f6a7a52-0001-4a35-9b0e-3f4f5be2c001', 'login') }),
      ],
      'it is of another namespace': [...begun, shown('theirs')],
      'it is what the Secret held before': [
        ...begun,
        changed(login('first'), login('second')),
        pass(1),
        shown('first', { askedAt: 1 }),
      ],
      'it is gone': [...begun, deleted(login('first')), pass(1), shown('first', { askedAt: 1 })],
      'a copy has not followed for long': [
        ...deleting,
        changed(login('first'), login('second')),
        pass(600),
        deleted(login('second')),
        pass(1),
        shown('first', { askedAt: 601 }),
      ],
      'a deletion is shown a copy though the Secret is there': [
        ...deleting,
        changed(login('first'), login('second')),
        pass(1),
        shown('first', { askedAt: 1 }),
      ],
      'the task is over': [
        ...begun,
        changed(reader('processing'), reader('credentials_created')),
        pass(1),
        shown('first', { askedAt: 1 }),
      ],
      'the task is gone': [...begun, deleted(reader('processing')), pass(1), shown('first', { askedAt: 1 })],
    },
  },
])
