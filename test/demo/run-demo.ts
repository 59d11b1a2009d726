import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential } from '../../src/api/generated.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { together } from '../cluster/host/together.ts'
import { AuditLog } from '../cluster/index.ts'
import { change, rotateNow, show } from './acts.ts'
import { ApplicationLog } from './application-log.ts'
import { areJobsReleased, countOrphans, countStates, rolesIn, writesPerTask } from './counts.ts'
import { Diary } from './diary.ts'
import { farewell } from './farewell.ts'
import { installApplication } from './install.ts'
import { mishap } from './mishap.ts'
import type { Narrator } from './narrator.ts'
import { type Demo, introduce, NAMESPACE, type Scene, type Told } from './scene.ts'
import { short, storyOfCredential, storyOfOrphan, storyOfTask } from './stories.ts'
import type { Summary } from './summary.ts'
import { openView, until, type View } from './view.ts'
import * as visitor from './visitor.ts'

const CREDENTIAL = { namespace: NAMESPACE, name: 'orders-db' }
/** How long the application goes on after all is done, to show that its login still works. */
const AFTERMATH_MS = 3000

/**
 * The life of a credential, told as it happens: created, in use by an application all the while, rotated three times, the
 * old roles deleted; and what else may happen: a mistake, a cancelled rotation, a login that expires, a namespace that goes.
 * Operator, database and providers must be there; the application is made here.
 */
export async function runDemo(demo: Demo): Promise<Summary> {
  const { world, narrator, steps } = demo
  const now = () => systemClock.now()
  const audit = world.auditLogPath === undefined ? undefined : new AuditLog(world.auditLogPath)
  using view = await openView(world.kubeconfigPath, CREDENTIAL.namespace)
  const told: Told = { ...demo, view, diary: new Diary(view), now }
  tellStories(view, narrator)

  narrator.chapter('A team asks for a database login')
  await steps.time('credential', () => create(told))
  narrator.chapter('An auditor asks for one that lasts a minute')
  await visitor.arrive(told)
  narrator.chapter('Its application logs in five times a second, with what the mounted Secret holds')
  using log = await steps.time('application', () => startApplication(demo))
  const scene: Scene = { ...told, log }
  narrator.chapter('Rotation on request, twice')
  for (const [step, version] of [
    ['rotation1', 2],
    ['rotation2', 3],
  ] as const) {
    await steps.time(step, () => rotateOnRequest(scene, version))
  }
  narrator.chapter('Rotation by interval: from here on nobody asks')
  await steps.time('rotation3', () => rotateByInterval(scene))
  narrator.chapter('What has been replaced, and is not the previous version, goes')
  await steps.time('deletions', () => settle(scene))
  return await summarize(scene, audit)
}

function tellStories({ tasks, credentials, orphans }: View, narrator: Narrator): void {
  tasks.subscribe((change) => {
    if (change.type === 'deleted') return
    const story = storyOfTask(change.object, change.previous)
    if (story !== undefined) narrator.event(story, change.object.status.state === 'failed' ? 'red' : 'reset')
  })
  credentials.subscribe((change) => {
    const story = change.type === 'deleted' ? undefined : storyOfCredential(change.object, change.previous)
    if (story !== undefined) narrator.event(story, 'green')
  })
  orphans.subscribe(({ type, object }) => {
    if (type !== 'changed')
      narrator.event(storyOfOrphan(object, type === 'deleted'), type === 'added' ? 'red' : 'green')
  })
}

const credentialIn = ({ credentials }: View): CustomCredential | undefined => credentials.get(CREDENTIAL)
const currentVersion = (view: View): number => credentialIn(view)?.status.currentVersion ?? 0

/** The role of a version, once it is delivered. */
const roleOf = (view: View, version: number): string | undefined =>
  credentialIn(view)?.status.versions?.find((entry) => entry.version === version)?.credentialsId

async function create(told: Told): Promise<void> {
  await introduce(told, 'orders-db.yaml', NAMESPACE)
  await until('the first version', () => currentVersion(told.view) === 1, told.signal)
}

async function startApplication({ world, narrator, signal }: Demo): Promise<ApplicationLog> {
  await installApplication(world, CREDENTIAL.namespace, [CREDENTIAL.name])
  const log = new ApplicationLog(world.kubectlCommand, (report, before) => {
    if (report.user !== before.user) {
      narrator.event(
        `The application logs in as ${short(report.user)} (so far ${report.tried} logins, ${report.failed} failed)`,
        'magenta',
      )
    }
    if (report.failed > before.failed) narrator.event(`A login failed: ${report.error ?? ''}`, 'red')
  })
  await until('the first login', () => log.latest.user !== '', signal)
  return log
}

async function rotateOnRequest(scene: Scene, version: number): Promise<void> {
  await rotateNow(scene, CREDENTIAL.name)
  await takenUp(scene, version)
}

async function rotateByInterval(scene: Scene): Promise<void> {
  const { steps, view, signal } = scene
  await change(scene, CREDENTIAL.name, { rotation: { interval: '1m' } })
  await until('the next rotation', () => credentialIn(view)?.status.nextRotationTime !== undefined, signal)
  await show(scene, 'get', 'ccred,stask,jobs,secrets')
  // The minute goes by meanwhile.
  await together([once(scene), steps.time('meanwhile', () => meanwhile(scene))])
}

/** No further rotation: what is counted in the end stands still. */
async function once(scene: Scene): Promise<void> {
  await until('the rotation by interval', () => currentVersion(scene.view) === 4, scene.signal)
  await change(scene, CREDENTIAL.name, { rotation: { interval: null } })
  await takenUp(scene, 4)
}

async function meanwhile(scene: Scene): Promise<void> {
  await mishap(scene)
  await farewell(scene)
  await visitor.leave(scene)
}

/** The next rotation waits for the application: how fast a mounted Secret follows is the kubelet's affair. */
async function takenUp({ view, log, signal }: Scene, version: number): Promise<void> {
  await until(`version ${version}`, () => currentVersion(view) === version, signal)
  await until(`a login with version ${version}`, () => log.latest.user === roleOf(view, version), signal)
}

async function settle(scene: Scene): Promise<void> {
  const { view, log, signal, world } = scene
  await until('the deletion of the old roles', () => credentialIn(view)?.status.versions?.length === 2, signal)
  await until('the release of all Jobs', () => areJobsReleased(world), signal)
  const { tried } = log.latest
  await sleep(AFTERMATH_MS)
  await until('a login after the deletions', () => log.latest.tried > tried, signal)
  await show(scene, 'get', 'ccred,stask,jobs,secrets')
  await show(scene, 'events', '--for=customcredential/orders-db')
}

async function summarize({ world, steps, view, diary, log }: Scene, audit: AuditLog | undefined): Promise<Summary> {
  const { tried, failed } = log.latest
  const status = credentialIn(view)?.status
  const tasks = view.tasks.list().filter(({ spec }) => spec.credential.name === CREDENTIAL.name)
  return {
    rotations: (status?.currentVersion ?? 1) - 1,
    logins: { tried, failed },
    roles: {
      alive: await rolesIn(world),
      recorded: (status?.versions ?? []).map(({ credentialsId }) => credentialsId).sort(),
    },
    tasks: countStates(tasks),
    expiries: diary.expiries,
    cancels: diary.cancels,
    orphans: await countOrphans(world),
    orphansGone: diary.orphansGone.length,
    writesPerTask: writesPerTask(tasks, audit),
    seconds: steps.seconds,
  }
}
