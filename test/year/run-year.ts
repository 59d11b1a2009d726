import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential } from '../../src/api/generated.ts'
import { acceleratedDate, type Acceleration } from '../../src/runtime/accelerated-clock.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { AuditLog } from '../cluster/index.ts'
import { ApplicationLog } from '../demo/application-log.ts'
import { areJobsReleased, countOrphans, countStates, rolesIn, writesPerTask } from '../demo/counts.ts'
import { applyText, installApplication, isRolledOut } from '../demo/install.ts'
import { countTriggers, Diary, whyNotReady } from '../demo/diary.ts'
import { type Demo, IN_SHOP, NAMESPACE, type Told } from '../demo/scene.ts'
import { openView, until } from '../demo/view.ts'
import type { World } from '../demo/world.ts'
import { DEEDS } from './deeds.ts'
import { LIVES, manifestOf } from './lives.ts'
import type { YearSummary } from './summary.ts'

const DAY_MS = 86_400_000
/** A year in 17 and a half minutes. */
const RATE = 30_000
/** Two cores are busy with so many tasks. */
const CONCURRENCY = 4
const TELL_EVERY_MS = 30_000

/**
 * Ten credentials live a year: the operator's calendar runs ahead (CLOCK_RATE), the rest of the world does not. An
 * application logs in all the while. Operator, database and provider must be there.
 */
export async function runYear(demo: Demo): Promise<YearSummary> {
  const { world, narrator, steps } = demo
  const audit = world.auditLogPath === undefined ? undefined : new AuditLog(world.auditLogPath)
  const acceleration = { rate: RATE, since: Math.floor(systemClock.now() / 1000) * 1000 }
  await steps.run('calendar', 'Setting the operator’s calendar going', () => accelerate(world, acceleration))
  using view = await openView(world.kubeconfigPath, NAMESPACE)
  const diary = new Diary(view)
  const year: Told = { ...demo, view, diary, now: () => acceleratedDate(systemClock.now(), acceleration) }

  narrator.chapter('Ten credentials')
  await steps.time('credentials', () => create(year))
  narrator.chapter('Their application logs in five times a second')
  using log = await steps.time('application', () => startApplication(year))
  narrator.chapter('A year')
  await steps.time('year', () => live(year, log))
  narrator.chapter('All are suspended and counted')
  const lapses = lapsesOf(year)
  await steps.time('count', () => suspend(year))
  return await summarize(year, { log, audit, lapses })
}

/** As a person would for a trial (README). */
async function accelerate(world: World, { rate, since }: Acceleration): Promise<void> {
  const system = 'custom-credentials-system'
  const variables = [`CLOCK_RATE=${rate}`, `CLOCK_EPOCH=${new Date(since).toISOString()}`]
  await world.kubectl(['--namespace', system, 'set', 'env', 'deployment/custom-credentials-operator', ...variables])
  await isRolledOut(world, system, 'custom-credentials-operator')
  const patch = JSON.stringify({ spec: { concurrency: CONCURRENCY } })
  await world.kubectl([IN_SHOP, 'patch', 'credentialsprovider', 'postgres', '--type=merge', '--patch', patch])
}

async function create({ world, view, signal }: Told): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: LIVES.map(manifestOf) }
  await applyText(world, JSON.stringify(list), NAMESPACE)
  const isMade = ({ status }: CustomCredential): boolean => (status.nextVersion?.number ?? 1) > 1
  await until('ten first versions', () => view.credentials.list().filter(isMade).length === LIVES.length, signal)
}

async function startApplication({ world, narrator, signal }: Told): Promise<ApplicationLog> {
  const credentials = LIVES.filter(({ inUse }) => inUse).map(({ name }) => name)
  await installApplication(world, NAMESPACE, credentials)
  const log = new ApplicationLog(world.kubectlCommand, (report, before) => {
    if (report.failed > before.failed)
      narrator.event(`A login of ${report.secret} failed: ${report.error ?? ''}`, 'red')
  })
  await until('the first login', () => log.latest.user !== '', signal)
  return log
}

/** Does the year's deeds, each on its day, and tells in between how far it is. */
async function live(year: Told, log: ApplicationLog): Promise<void> {
  const { diary, narrator, now, signal } = year
  const { from } = diary.span
  const tell = (): void => {
    const ended = diary.tasks.filter(({ status }) => status.finishedAt !== undefined).length
    const { tried, failed } = log.latest
    narrator.event(`${dayOf(now())}  ${ended} tasks ended; ${tried} logins, ${failed} failed`)
  }
  let toldAt = -Infinity
  for (const { day, what, act } of DEEDS) {
    while (now() < from + day * DAY_MS) {
      signal?.throwIfAborted()
      if (systemClock.monotonic() - toldAt >= TELL_EVERY_MS) {
        tell()
        toldAt = systemClock.monotonic()
      }
      await sleep(200)
    }
    narrator.event(`${dayOf(now())}  ${what}`, 'cyan')
    await act(year)
  }
  tell()
}

const dayOf = (date: number): string => new Date(date).toISOString().slice(0, 10)

/** Then nothing moves any more, and what is counted fits together. */
async function suspend({ world, view, signal }: Told): Promise<void> {
  const names = view.credentials.list().map(({ metadata }) => metadata.name)
  const patch = JSON.stringify({ spec: { suspend: true } })
  for (const name of names)
    await world.kubectl([IN_SHOP, 'patch', 'customcredential', name, '--type=merge', '--patch', patch])
  const isSuspended = ({ metadata, spec, status }: CustomCredential): boolean =>
    spec.suspend === true && status.observedGeneration === metadata.generation
  await until('the suspension', () => view.credentials.list().every(isSuspended), signal)
  const isOpen = ({ status }: { readonly status: { readonly finishedAt?: string } }) => status.finishedAt === undefined
  await until('the end of all tasks', () => !view.tasks.list().some(isOpen), signal)
  await until('the release of all Jobs', () => areJobsReleased(world), signal)
  await until('the revocation of all orphans', async () => (await countOrphans(world)) === 0, signal)
}

/** Where a credential was not what it should have been: ready all the while, or in the end what its life comes to. */
function lapsesOf({ view: { credentials }, diary }: Told): string[] {
  const ends = LIVES.flatMap(({ name, ends }) => {
    const credential = credentials.get({ namespace: NAMESPACE, name })
    const end = credential === undefined ? 'Deleted' : (whyNotReady(credential) ?? 'Ready')
    return end === ends ? [] : [`${name} ended as ${end}, not as ${ends}`]
  })
  const always = new Set(LIVES.filter((life) => life.ends === 'Ready').map(({ name }) => name))
  const lapses = diary.lapses.filter(({ credential }) => always.has(credential))
  return [...ends, ...lapses.map(({ credential, why }) => `${credential} was not ready for a while: ${why}`)]
}

interface Findings {
  readonly log: ApplicationLog
  readonly audit: AuditLog | undefined
  readonly lapses: readonly string[]
}

async function summarize(year: Told, { log, audit, lapses }: Findings): Promise<YearSummary> {
  const { world, view, diary, steps } = year
  const { tried, failed } = log.latest
  const { tasks, locks, expiries, cancels, orphansGone, span } = diary
  const made = countTriggers(tasks, 'create_credentials')
  const deleted = countTriggers(tasks, 'delete_credentials')
  const states = countStates(tasks)
  const versions = states.credentials_created ?? 0
  return {
    years: Math.floor(((span.to - span.from) / (365 * DAY_MS)) * 100) / 100,
    credentials: LIVES.length,
    rotations: versions - (made.secret_creation ?? 0),
    versions,
    expiries,
    locks,
    cancels,
    taskFailures: states.failed ?? 0,
    logins: { tried, failed },
    roles: { alive: await rolesIn(world), recorded: view.credentials.list().flatMap(recordedIn).sort() },
    made,
    deleted,
    tasks: states,
    orphans: await countOrphans(world),
    orphansGone: orphansGone.length,
    lapses,
    writesPerTask: writesPerTask(tasks, audit),
    seconds: steps.seconds,
  }
}

const recordedIn = ({ status }: CustomCredential): string[] =>
  (status.versions ?? []).map(({ credentialsId }) => credentialsId)
