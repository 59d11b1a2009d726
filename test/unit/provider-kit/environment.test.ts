import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../src/provider-kit/environment.ts'
import { createOrder, deleteOrder, findOrder, ORIGIN, TASK } from './stage.ts'

const common = {
  SM_TRIGGER: 'secret_creation',
  SM_INSTANCE_URL: 'https://task-gateway.operator.svc',
  SM_SECRET_TASK_ID: TASK,
  SM_SECRET_ID: 'uid-1',
  SM_SECRET_NAME: 'orders-db',
  SM_SECRET_GROUP_ID: 'shop',
  SM_ACCESS_APIKEY: 'unused',
  SM_TOKEN_FILE: '/token',
  SM_CA_FILE: '/ca.crt',
}

describe('the environment of a task', () => {
  it.each([
    ['create', createOrder, { action: 'create' }],
    ['delete', deleteOrder, { action: 'delete', credentialsId: 'cred-1', originTaskId: ORIGIN }],
    [
      'delete without an origin',
      { ...deleteOrder, SM_ORIGIN_TASK_ID: undefined },
      { action: 'delete', credentialsId: 'cred-1' },
    ],
    ['find', findOrder, { action: 'find', originTaskId: ORIGIN }],
  ])('orders: %s', (_what, order, expected) => {
    expect(readEnvironment({ ...common, ...order }).order).toEqual(expected)
  })

  it('holds each input under either of its two names, the documented one first', () => {
    const inputs = { SM_HOST_VALUE: 'a', SMIN_HOST_VALUE: 'b', SM_ONLY_SHORT_VALUE: 'c', SMIN_EMPTY_VALUE: '' }
    const { task } = readEnvironment({ ...common, ...createOrder, ...inputs })
    expect(task.inputs).toEqual({ host: 'b', only_short: 'c', empty: '' })
  })

  it.each([
    ['SM_SECRET_ID', { SM_SECRET_ID: undefined }],
    ['SM_SECRET_NAME', { SM_SECRET_NAME: '' }],
    ['SM_ACTION', { SM_ACTION: 'rotate' }],
    ['SM_SECRET_TASK_ID', { SM_SECRET_TASK_ID: '../../x' }],
    ['SM_INSTANCE_URL', { SM_INSTANCE_URL: 'http://plain' }],
    ['SM_TASK_DEADLINE', { SM_TASK_DEADLINE: 'soon' }],
    ['SM_CREDENTIALS_ID, SM_ORIGIN_TASK_ID', { SM_ACTION: 'delete_credentials' }],
  ])('is refused by the name of what is wrong: %s', (names, change) => {
    expect(() => readEnvironment({ ...common, ...createOrder, ...change })).toThrow(`missing or invalid: ${names}`)
  })
})
