import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import { requestId, type RequestIdVariables } from 'hono/request-id'
import { ApiError } from '../kube/errors.ts'
import { Failure } from './errors.ts'
import { identify, type Run } from './identity.ts'
import { readInputSecret } from './input-secrets.ts'
import type { GatewayPorts } from './ports.ts'
import { refuse } from './refusal.ts'
import { parseReport, type Report } from './report.ts'
import { readTask, takeReport } from './reports.ts'
import { secretView } from './secret-view.ts'
import { taskView } from './task-view.ts'

/** What a Secret can hold: a larger report could never be kept. */
const MAX_BODY_BYTES = 1024 * 1024

const TASK = '/api/v2/secrets/:secret_id/tasks/:task_id'
const SECRET = '/api/v2/secrets/:id'

interface Env {
  readonly Variables: RequestIdVariables & { run: Run }
}

/** IBM Secrets Manager's API as far as providers use it: tasks and the inputs of type `secret_id`, of this cluster. */
export function createApp(ports: GatewayPorts): Hono<Env> {
  const app = new Hono<Env>()
  app.use(requestId())
  app.use(accessLog(ports))
  app.onError((error, c) => answer(ports, c, error))
  app.notFound((c) => answer(ports, c, new Failure('path_not_found', 'this is not a path of the task gateway')))

  const identified = createMiddleware<Env, typeof TASK>(async (c, next) => {
    // Before the body is read: a stranger can make the gateway hold nothing.
    const run = await identify(ports, c.req.header('authorization'), c.req.param('task_id'))
    c.set('run', run)
    await next()
  })

  const limited = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: async (c: Context<Env>) => {
      const failure = new Failure('report_too_large', `a report may have ${MAX_BODY_BYTES} bytes at most`)
      return await refuse(ports, { run: c.var.run, task: await readTask(ports, c.var.run) }, failure)
    },
  })

  app.get(TASK, identified, async (c) => {
    const { run } = c.var
    const task = await readTask(ports, run)
    if (task === undefined) throw new Failure('task_not_found', 'the task was cancelled')
    if (run.spec.credential.uid !== c.req.param('secret_id')) throw notOfThisSecret
    return c.json(taskView(task))
  })

  app.put(TASK, identified, limited, async (c) => {
    const { run } = c.var
    const report = await readReport(ports, run, await c.req.arrayBuffer())
    if (run.spec.credential.uid !== c.req.param('secret_id')) return await refuseElsewhere(ports, run, report)
    return c.json(taskView(await takeReport(ports, run, report)))
  })

  app.get(SECRET, async (c) => {
    const run = await identify(ports, c.req.header('authorization'))
    c.set('run', run)
    const id = c.req.param('id')
    const secret = await readInputSecret(ports, run, id)
    c.header('Cache-Control', 'no-store')
    return c.json(secretView(id, secret))
  })

  app.all(SECRET, (c) => {
    c.header('Allow', 'GET, HEAD')
    throw new Failure('method_not_allowed', 'a secret can be read with GET')
  })

  app.all(TASK, (c) => {
    c.header('Allow', 'GET, HEAD, PUT')
    throw new Failure('method_not_allowed', 'a task can be read with GET and reported with PUT')
  })
  return app
}

const notOfThisSecret = new Failure('task_not_found', 'the task is not a task of this secret: use SM_SECRET_ID')

async function readReport(ports: GatewayPorts, run: Run, body: ArrayBuffer): Promise<Report> {
  try {
    return parseReport(body)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return await refuse(ports, { run, task: await readTask(ports, run) }, error)
  }
}

async function refuseElsewhere(ports: GatewayPorts, run: Run, report: Report): Promise<never> {
  const credentialsId = report.status === 'credentials_created' ? report.credentialsId : undefined
  return await refuse(ports, { run, task: await readTask(ports, run), credentialsId }, notOfThisSecret)
}

/** The answer to a request that failed. What is not a refusal is not certain: 503, never an order to undo. */
function answer(ports: GatewayPorts, c: Context<Env>, error: Error): Response {
  const failure = error instanceof Failure ? error : unavailable(ports, error)
  if (!(error instanceof Failure)) {
    ports.logger.error({ trace: c.var.requestId, err: error }, 'the task gateway could not judge a request')
  }
  if (failure.retryAfterSeconds !== undefined) c.header('Retry-After', String(failure.retryAfterSeconds))
  if (failure.code === 'invalid_token') c.header('WWW-Authenticate', 'Bearer')
  return c.json(failure.body(c.var.requestId), failure.status)
}

/** Spread, so that the runs that a restart of the API server has held up do not come back together. */
function unavailable({ random }: GatewayPorts, error: Error): Failure {
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined
  return new Failure(
    'unavailable',
    'the request cannot be judged now: send it again',
    asked ?? 1 + Math.floor(random() * 4),
  )
}

/** One line per request: who asked for what, and the answer. No header, no query and no body is ever in it. */
function accessLog({ clock, logger }: GatewayPorts) {
  return createMiddleware<Env>(async (c, next) => {
    const start = clock.monotonic()
    await next()
    const run = c.get('run') as Run | undefined
    logger.info(
      {
        trace: c.var.requestId,
        method: c.req.method,
        ...(run === undefined ? { path: c.req.path.slice(0, 200) } : { task: run.id, job: run.jobUid }),
        status: c.res.status,
        ms: Math.round(clock.monotonic() - start),
      },
      'task gateway request',
    )
  })
}
