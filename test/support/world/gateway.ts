import type { SecretTask, SecretTaskSpec } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import type { Job, Pod } from '../../../src/api/resources.ts'
import type { ReportedVersion } from '../../../src/custody/versions.ts'
import { judge, type Verdict } from '../../../src/gateway/judgement.ts'
import type { Report } from '../../../src/gateway/report.ts'
import { endedStatus } from '../../../src/secret-task/end.ts'
import { aProvider } from '../builders.ts'
import type { World } from './world.ts'

const stored = (world: World, name: string): ReportedVersion | 'none' => {
  const secret = world.custody.find((other) => other.name === name)
  return secret ? { credentialsId: secret.credentialsId ?? '', data: { username: 'u' } } : 'none'
}

/** Custody holds a version that the task has reported. */
export const keeps = (world: World, taskId: string): boolean => stored(world, taskId) !== 'none'

/** The gateway takes a report, and says whether it was accepted. With `dies`, it keeps a version and goes no further. */
export function takeReport(world: World, pod: Pod, report: Report, { dies = false } = {}): boolean {
  const job = world.jobOf(pod)
  if (job === undefined) return false
  const taskUid = job.metadata.labels?.[label.taskUid]
  const task = world.tasks.find(({ metadata }) => metadata.uid === taskUid)
  const { credentials } = aProvider().spec.schema
  const verdict = judge(report, { task, outputs: credentials, stored: stored(world, job.metadata.name) })
  if (verdict.do === 'keep') {
    keep(world, job, { name: job.metadata.name, custody: 'version', credentialsId: verdict.version.credentialsId })
    return dies ? false : takeReport(world, pod, report)
  }
  if (verdict.do === 'end' && task) end(world, task, verdict)
  if (verdict.do === 'refuse' && report.status === 'credentials_created') refuse(world, job, report.credentialsId)
  return verdict.do !== 'refuse'
}

function end(world: World, task: SecretTask, verdict: Extract<Verdict, { do: 'end' }>): void {
  const ended = endedStatus(task, verdict.end, world.time())
  world.writeTask(task, { ...ended, ...(verdict.suspect !== undefined && { suspect: verdict.suspect }) })
}

function refuse(world: World, job: Job, credentialsId: string): void {
  const name = `${job.metadata.name}-${credentialsId}`
  const isLive = world.custody.some((secret) => secret.custody === 'version' && secret.credentialsId === credentialsId)
  if (isLive || world.custody.some((secret) => secret.name === name)) return
  keep(world, job, { name, custody: 'refused-report', credentialsId })
}

function keep(world: World, job: Job, secret: Pick<World['custody'][number], 'name' | 'custody' | 'credentialsId'>) {
  const origin = JSON.parse(job.metadata.annotations?.[annotation.taskSpec] ?? '') as SecretTaskSpec
  world.custody.push({ ...secret, taskId: job.metadata.name, origin })
}
