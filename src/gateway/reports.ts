import type { SecretTask } from '../api/generated.ts'
import { CustomCredentials, SecretTasks } from '../api/resources.ts'
import { areOneProvider } from '../credentials-provider/resolve.ts'
import { isAccounted, openLedger } from '../custom-credential/ledger.ts'
import { keepVersion, readVersion } from '../custody/versions.ts'
import { ApiError, isConflict, isNotFound } from '../kube/errors.ts'
import { endedStatus, writeTaskStatus } from '../secret-task/end.ts'
import { Failure } from './errors.ts'
import type { Run } from './identity.ts'
import { type Account, judge, type Facts, type Verdict } from './judgement.ts'
import { custodyOf, type GatewayPorts } from './ports.ts'
import { refuse } from './refusal.ts'
import type { Report } from './report.ts'

/** Steps of one report: three look-ups and writes, and a race with each of the few others that write the task. */
const MAX_STEPS = 12

/** The run's task by a quorum read; undefined where it is gone, or another task bears its name now. */
export async function readTask({ api }: Pick<GatewayPorts, 'api'>, run: Run): Promise<SecretTask | undefined> {
  try {
    const task = await api.get(SecretTasks, { namespace: run.namespace, name: run.id })
    return isOf(run, task) ? task : undefined
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** By UID; and the spec under which the run was identified must be the task's own, down to where its Job may be. */
const isOf = ({ taskUid, spec }: Run, { metadata, spec: own }: SecretTask): boolean =>
  metadata.uid === taskUid && own.kit === spec.kit && own.credential.uid === spec.credential.uid

type Step = { readonly answer: SecretTask } | { readonly facts: Facts } | 'read-again'

/**
 * Takes a report and returns the task as it is afterwards. Whatever is acknowledged is durable before: the version in
 * custody first, then the end of the task. A refusal (a `Failure`) rests on a quorum read, and the ID of what it refuses
 * is durable before it is thrown. Any other error means that nothing is certain: the caller may try again, and a repeated
 * report goes on from where the last one stopped.
 */
export async function takeReport(ports: GatewayPorts, run: Run, report: Report): Promise<SecretTask> {
  const cached = ports.tasks.get({ namespace: run.namespace, name: run.id })
  let fresh = cached === undefined || !isOf(run, cached)
  let facts: Facts = { task: fresh ? await readTask(ports, run) : cached }
  for (let step = 0; step < MAX_STEPS; step++) {
    const verdict = judge(report, facts)
    const next =
      verdict.do === 'refuse' && !fresh ? 'read-again' : await perform(ports, { run, report, facts }, verdict)
    if (next === 'read-again') {
      facts = { ...facts, task: await readTask(ports, run) }
      fresh = true
    } else if ('answer' in next) {
      return next.answer
    } else {
      facts = next.facts
    }
  }
  throw new Failure('unavailable', 'the task is being changed by others: send the report again', 1)
}

interface Context {
  readonly run: Run
  readonly report: Report
  readonly facts: Facts
}

async function perform(ports: GatewayPorts, context: Context, verdict: Verdict): Promise<Step> {
  const { run, report, facts } = context
  const { task } = facts
  switch (verdict.do) {
    case 'refuse': {
      const credentialsId = report.status === 'credentials_created' ? report.credentialsId : undefined
      return await refuse(ports, { run, task, credentialsId }, new Failure(verdict.code, verdict.message))
    }
    case 'defer':
      throw new Failure('unavailable', verdict.message, 1)
    case 'learn':
      return { facts: { ...facts, ...(await learn(ports, context, verdict.fact)) } }
    case 'acknowledge':
      return { answer: task ?? recalled(run) }
    default:
      if (task === undefined) throw new Error(`verdict "${verdict.do}" on a task that is gone`)
      return await change(ports, { run, facts, task }, verdict)
  }
}

type Fact = Extract<Verdict, { do: 'learn' }>['fact']

async function learn(
  ports: GatewayPorts,
  { run, report, facts: { task } }: Context,
  fact: Fact,
): Promise<Partial<Facts>> {
  switch (fact) {
    case 'account':
      return { account: await readAccount(ports, run, report) }
    case 'stored':
      return { stored: (await readVersion(custodyOf(ports), { id: run.id, spec: task?.spec ?? run.spec })) ?? 'none' }
    case 'outputs':
      return { outputs: task && (await ports.outputSchema(task)) }
  }
}

async function change(
  ports: GatewayPorts,
  { run, facts, task }: Pick<Context, 'run' | 'facts'> & { readonly task: SecretTask },
  verdict: Extract<Verdict, { do: 'keep' | 'suspect' | 'end' }>,
): Promise<Step> {
  switch (verdict.do) {
    case 'keep': {
      const identity = { id: run.id, spec: task.spec }
      return { facts: { ...facts, stored: await keepVersion(custodyOf(ports), identity, verdict.version) } }
    }
    case 'suspect':
      return await write(ports, task, { ...task.status, suspect: verdict.reason })
    case 'end':
      return await endTask(ports, { run, task }, verdict)
  }
}

/** By a quorum read: what the status of the run's credential says of what the run made. */
async function readAccount({ api }: GatewayPorts, { id, spec }: Run, report: Report): Promise<Account> {
  const { uid, ...key } = spec.credential
  try {
    const { metadata, status } = await api.get(CustomCredentials, key)
    if (metadata.uid !== uid) return 'none'
    const { versions = [] } = status
    const reported = report.status === 'credentials_created' ? report.credentialsId : undefined
    // Or another run's: a provider may renew in place, and give the same ID again.
    const version =
      versions.find(({ taskId }) => taskId === id) ??
      versions.find((one) => one.credentialsId === reported && areOneProvider(one.provider, spec.provider))
    return version ?? (isAccounted(openLedger(status), spec) ? 'none' : 'pending')
  } catch (error) {
    if (isNotFound(error)) return 'none'
    throw error
  }
}

/** As the task was when it ended, though its record is gone. */
const recalled = ({ namespace, id, taskUid, spec }: Run): SecretTask => ({
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'SecretTask',
  metadata: { namespace, name: id, uid: taskUid, resourceVersion: '' },
  spec,
  status: { state: 'credentials_created' },
})

async function endTask(
  ports: GatewayPorts,
  { run, task }: { readonly run: Run; readonly task: SecretTask },
  { end, version, suspect }: Extract<Verdict, { do: 'end' }>,
): Promise<Step> {
  const ended = endedStatus(task, end, new Date(ports.clock.now()).toISOString(), run.jobUid)
  // Before the task ends: its end may reach the leader, by the watch, before our own write is answered.
  if (version !== undefined) ports.handOff(run.id, version.data)
  return await write(ports, task, { ...ended, ...(suspect !== undefined && { suspect }) })
}

async function write(ports: GatewayPorts, task: SecretTask, status: SecretTask['status']): Promise<Step> {
  try {
    const written = await writeTaskStatus(ports.api, task, status)
    ports.tasks.remember(written)
    return { answer: written }
  } catch (error) {
    // Somebody was first, or our own write took effect and its answer was lost: the task tells.
    if (isConflict(error) || isNotFound(error) || (error instanceof ApiError && error.ambiguous)) return 'read-again'
    throw error
  }
}
