// Runs as a provider's container: looks at what it may do, asks the task gateway in several ways, and at last reports what it
// has seen as the credential's outputs. One file without imports of ours: it is handed over on the command line.
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'

const env = process.env as Record<string, string>
const ca = readFileSync(env['SM_CA_FILE'] ?? '', 'utf8')
const token = readFileSync(env['SM_TOKEN_FILE'] ?? '', 'utf8')
const path = (taskId: string): string => `/api/v2/secrets/${env['SM_SECRET_ID'] ?? ''}/tasks/${taskId}`
const ownTask = env['SM_SECRET_TASK_ID'] ?? ''

interface Ask {
  readonly taskId?: string
  readonly token?: string
  readonly ca?: string | undefined
  readonly body?: unknown
}

/** Status code, or the code of the error that kept an answer away. */
const ask = (asked: Ask): Promise<string> =>
  new Promise((resolve) => {
    const url = new URL(path(asked.taskId ?? ownTask), env['SM_INSTANCE_URL'])
    const headers = { authorization: `Bearer ${asked.token ?? token}`, 'content-type': 'application/json' }
    const method = asked.body === undefined ? 'GET' : 'PUT'
    const sent = request(url, { method, headers, ca: 'ca' in asked ? asked.ca : ca }, (response) => {
      response.resume().once('end', () => {
        resolve(String(response.statusCode))
      })
    })
    sent.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message)
    })
    sent.end(asked.body === undefined ? undefined : JSON.stringify(asked.body))
  })

/** The code of the error with which an action fails. */
const failureOf = (action: () => unknown): string => {
  try {
    action()
    return 'allowed'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

const processStatus = readFileSync('/proc/self/status', 'utf8')
const statusOf = (field: string): string => new RegExp(`^${field}:\\s*(\\w+)`, 'm').exec(processStatus)?.[1] ?? ''

const seen = {
  user: String(process.getuid?.()),
  capabilities: statusOf('CapEff'),
  no_new_privileges: statusOf('NoNewPrivs'),
  seccomp: statusOf('Seccomp'),
  writing: failureOf(() => {
    writeFileSync('/app/written', '')
  }),
  account_token: failureOf(() => readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token')),
  own_task: await ask({}),
  without_authority: await ask({ ca: undefined }),
  without_token: await ask({ token: '' }),
  other_task: await ask({ taskId: 'sm-task-00000000-0000-5000-8000-000000000000' }),
}
const credentials = { id: ownTask, payload: seen }
const code =
  env['SM_ACTION'] === 'create_credentials'
    ? await ask({ body: { status: 'credentials_created', credentials } })
    : await ask({ body: { status: 'credentials_deleted' } })
process.exit(code === '200' ? 0 : 1)
