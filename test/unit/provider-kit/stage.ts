import type { Clock } from '../../../src/runtime/clock.ts'
import { type Credentials, ExitCode, type Host, type Provider, runTask } from '../../../src/provider-kit/index.ts'
import { taskClient } from '../../../src/provider-kit/task-client.ts'
import type { TaskGateway } from './task-gateway.ts'

export const TASK = 'sm-task-0f8fad5b-d9cb-569f-a165-70867728950e'
export const ORIGIN = 'sm-task-7c9e6679-7425-50de-944b-e07fc1f90ae7'
export const PASSWORD = 'canary-4711'
export const made: Credentials = { id: 'cred-1', payload: { username: 'cred-1', password: PASSWORD, port: 5432 } }

/** Waits take no time: each moves the clock instead. */
export function fastClock(): Clock {
  let ms = 0
  return {
    now: () => ms,
    monotonic: () => ms,
    after(delay, callback) {
      const pending = setImmediate(() => {
        ms += delay
        callback()
      })
      return () => {
        clearImmediate(pending)
      }
    },
  }
}

/** Waits never end. */
export const stoppedClock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => undefined }

/** A provider that makes `made`, and what it was asked to delete. */
export function aProvider(overrides: Partial<Provider> = {}): Provider & { readonly deleted: string[] } {
  const deleted: string[] = []
  return {
    deleted,
    createCredentials: () => Promise.resolve(made),
    deleteCredentials({ credentialsId }) {
      deleted.push(credentialsId)
      return Promise.resolve()
    },
    ...overrides,
  }
}

export const createOrder = { SM_ACTION: 'create_credentials' }
export const deleteOrder = { SM_ACTION: 'delete_credentials', SM_ORIGIN_TASK_ID: ORIGIN, SM_CREDENTIALS_ID: 'cred-1' }
export const findOrder = { SM_ACTION: 'delete_credentials', SM_ORIGIN_TASK_ID: ORIGIN }

export interface Ran {
  /** Name of the exit code. */
  readonly exit: string
  readonly log: string
}

export async function run(
  gateway: TaskGateway,
  provider: Provider,
  { variables = createOrder, ...host }: Partial<Host> = {},
): Promise<Ran> {
  const lines: string[] = []
  const write = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }))
  const code = await runTask(provider, {
    variables: {
      SM_TRIGGER: 'secret_creation',
      SM_INSTANCE_URL: gateway.url,
      SM_SECRET_TASK_ID: TASK,
      SM_SECRET_ID: '9b2e8c5e-0000-4000-8000-000000000001',
      SM_SECRET_NAME: 'orders-db',
      SM_SECRET_GROUP_ID: 'shop',
      SM_TOKEN_FILE: gateway.tokenFile,
      SM_CA_FILE: gateway.caFile,
      ...variables,
    },
    clock: fastClock(),
    random: () => 1,
    signal: new AbortController().signal,
    log: { debug: write, info: write, warn: write, error: write },
    // Out of the way on a busy machine: only what waits for it sets it.
    connect: (endpoint) => taskClient(endpoint, 30_000),
    ...host,
  })
  const exit = Object.entries(ExitCode).find(([, value]) => value === code)?.[0] ?? String(code)
  return { exit, log: lines.join('\n') }
}
