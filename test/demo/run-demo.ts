import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential } from '../../src/api/generated.ts'
import { annotation } from '../../src/api/labels.ts'
import { AuditLog } from '../cluster/index.ts'
import { checkout } from '../cluster/host/folders.ts'
import { ApplicationLog } from './application-log.ts'
import { areJobsReleased, countOrphans, countStates, rolesIn, writesPerTask } from './counts.ts'
import { apply, installApplication, installUpstream } from './install.ts'
import { mishap } from './mishap.ts'
import type { Narrator } from './narrator.ts'
import { type Demo, IN_SHOP, NAMESPACE, type Scene, show } from './scene.ts'
import { short, storyOfCredential, storyOfTask } from './stories.ts'
import type { Summary } from './summary.ts'
import { openView, until, type View } from './view.ts'

const CREDENTIAL = { namespace: NAMESPACE, name: 'orders-db' }
/** How long the application goes on after all is done, to show that its login still works. */
const AFTERMATH_MS = 3000

/**
 * The life of a credential, told as it happens: created, in use by an application all the while, rotated three times, the
 * old roles deleted. The operator must be installed (`installOperator`); database and application are made here.
 */
export async function runDemo(demo: Demo): Promise<Summary> {
  const { world, narrator, steps } = demo
  const audit = world.auditLogPath === undefined ? undefined : new AuditLog(world.auditLogPath)
  await steps.run('database', 'Starting PostgreSQL', () => installUpstream(world, NAMESPACE))
  using view = await openView(world.kubeconfigPath, CREDENTIAL.namespace)
  tellStories(view, narrator)

  narrator.chapter('A team asks for a database login')
  await steps.time('credential', () => create(demo, view))
  narrator.chapter('Its application logs in five times a second, with what the mounted Secret holds')
  using log = await steps.time('application', () => startApplication(demo))
  narrator.chapter('Rotation on request, twice')
  for (const [step, version] of [
    ['rotation1', 2],
    ['rotation2', 3],
  ] as const) {
    await steps.time(step, () => rotateNow({ ...demo, view, log }, version))
  }
  narrator.chapter('Rotation by interval: from here on nobody asks')
  await steps.time('rotation3', () => rotateByInterval({ ...demo, view, log }))
  narrator.chapter('What has been replaced, and is not the previous version, goes')
  await steps.time('deletions', () => settle({ ...demo, view, log }))
  return await summarize({ ...demo, view, log }, audit)
}

function tellStories({ tasks, credentials }: View, narrator: Narrator): void {
  tasks.subscribe((change) => {
    if (change.type === 'deleted') return
    const story = storyOfTask(change.object, change.previous)
    if (story !== undefined) narrator.event(story, change.object.status.state === 'failed' ? 'red' : 'reset')
  })
  credentials.subscribe((change) => {
    const story = change.type === 'deleted' ? undefined : storyOfCredential(change.object, change.previous)
    if (story !== undefined) narrator.event(story, 'green')
  })
}

const credentialIn = ({ credentials }: View): CustomCredential | undefined => credentials.get(CREDENTIAL)
const currentVersion = (view: View): number => credentialIn(view)?.status.currentVersion ?? 0

/** The role of a version, once it is delivered. */
const roleOf = (view: View, version: number): string | undefined =>
  credentialIn(view)?.status.versions?.find((entry) => entry.version === version)?.credentialsId

async function create({ world, narrator, signal }: Demo, view: View): Promise<void> {
  narrator.quote(readFileSync(join(checkout, 'deploy/demo/orders-db.yaml'), 'utf8'))
  narrator.command('kubectl apply -f orders-db.yaml')
  await apply(world, 'deploy/demo/orders-db.yaml', CREDENTIAL.namespace)
  await until('the first version', () => currentVersion(view) === 1, signal)
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

async function rotateNow(scene: Scene, version: number): Promise<void> {
  const { world, narrator } = scene
  const request = `${annotation.rotateRequestedAt}=${new Date().toISOString()}`
  narrator.command(`kubectl annotate ccred orders-db --overwrite ${request}`)
  await world.kubectl([IN_SHOP, 'annotate', 'customcredential', CREDENTIAL.name, '--overwrite', request])
  await takenUp(scene, version)
}

async function rotateByInterval(scene: Scene): Promise<void> {
  const { world, narrator, view, signal } = scene
  const patch = JSON.stringify({ spec: { rotation: { interval: '1m' } } })
  narrator.command(`kubectl patch ccred orders-db --type merge --patch '${patch}'`)
  await world.kubectl([IN_SHOP, 'patch', 'customcredential', CREDENTIAL.name, '--type=merge', '--patch', patch])
  await until('the next rotation', () => credentialIn(view)?.status.nextRotationTime !== undefined, signal)
  await show(scene, ['get', 'ccred,stask,jobs,secrets'])
  // The minute goes by meanwhile.
  await Promise.all([takenUp(scene, 4), scene.steps.time('mishap', () => mishap(scene))])
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
  await show(scene, ['get', 'ccred,stask,jobs,secrets'])
  await show(scene, ['events', '--for=customcredential/orders-db'])
}

async function summarize({ world, steps, view, log }: Scene, audit: AuditLog | undefined): Promise<Summary> {
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
    orphans: await countOrphans(world),
    writesPerTask: writesPerTask(tasks, audit),
    seconds: steps.seconds,
  }
}
