import { afterAll, beforeAll, test, vi } from 'vitest'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import { passwordOf } from '../support/upstream.ts'
import { install, kubectl } from './crds-cluster.ts'
import { type Described, LEDGER, ORDERS, Scene } from './describe-scene.ts'

const cluster = ownCluster()
let stage: Stage

beforeAll(async () => {
  await install()
  stage = await Stage.open(cluster)
})

afterAll(() => stage[Symbol.asyncDispose]())

interface State {
  readonly state: string
  readonly provider?: object
  readonly bring: (scene: Scene) => Promise<Described>
  /** What has happened; what comes next, or what people have to do; and when, where time decides. TIME is any date. */
  readonly says: readonly RegExp[]
}

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`
const dated = ({ source }: RegExp): RegExp => new RegExp(source.replaceAll('TIME', TIME))

const CREDENTIALS: readonly State[] = [
  {
    state: 'that waits for the turn of its first task',
    provider: { concurrency: 1 },
    bring: (scene) => scene.queued(),
    says: [
      /The first version is being made, and is then written to Secret "orders"\. Its SecretTask says by when\./,
      /Waits for its turn\. Provider "ledger" is at its limit of 1 at the same time \(spec\.concurrency\)\./,
    ],
  },
  {
    state: 'whose first creation has failed',
    bring: (scene) => scene.turns('refuses creations').ordered(),
    says: [/Attempt \d+ at version 1 failed: Locked: The upstream is locked\./, /Next try: TIME/],
  },
  {
    state: 'that its spec keeps from being made',
    bring: (scene) => scene.ordered({ parameters: { databse: 'orders' } }),
    says: [/spec\.parameters: databse: is not in the provider's schema/, /Correct it: nothing is made before\./],
  },
  {
    state: 'that is rotated by an interval, and ends',
    bring: (scene) => scene.active({ rotation: { interval: '30d' }, ttl: '90d' }),
    says: [/Version 1 is in Secret "orders"\./, /Next Rotation Time:\s+TIME/, /Expiration Time:\s+TIME/],
  },
  {
    state: 'whose rotation has failed',
    async bring(scene) {
      await scene.active()
      await scene.turns('refuses creations').tenant.rotate('orders', 'now')
      return ORDERS
    },
    says: [
      /Attempt \d+ at version 2 failed: Locked: The upstream is locked\./,
      /The current version stays\. Next try: TIME/,
    ],
  },
  {
    state: 'whose rotation somebody has cancelled',
    async bring(scene) {
      await scene.active()
      await scene.turns('hesitates').tenant.rotate('orders', 'now')
      await scene.remove(await scene.taskIn('processing'))
      return ORDERS
    },
    says: [
      /was deleted before it was over\. The current version stays\./,
      /Next try: none before somebody asks for one/,
    ],
  },
  {
    state: 'whose rotation a lock blocks',
    async bring(scene) {
      await scene.rotated()
      await scene.tenant.patch('orders', { spec: { locks: [{ name: 'audit', version: 'previous' }] } })
      await scene.tenant.condition('orders', 'Locked', { status: 'True', reason: 'VersionLocked' })
      await scene.tenant.rotate('orders', 'again')
      return ORDERS
    },
    says: [
      /Version 1 is locked by "audit"\. It is not revoked before its lock is removed from spec\.locks\./,
      /Remove the lock from spec\.locks to have it rotated\./,
    ],
  },
  {
    state: 'that is suspended before it has a version',
    bring: (scene) => scene.ordered({ suspend: true }),
    says: [/Nothing is made while spec\.suspend is true\./, /What is due begins once it is false\./],
  },
  {
    state: 'whose Secret is there, and somebody else’s',
    async bring(scene) {
      await kubectl('create', 'secret', 'generic', 'orders', '--namespace', scene.tenant.name)
      return scene.ordered()
    },
    says: [
      /Secret "orders" exists and does not belong to this credential\./,
      /Delete it, or name another one in spec\.target\.name: then what was made is written\./,
    ],
  },
  {
    state: 'that is to be revoked, from a moment to come on',
    bring: (scene) => scene.active({ revokeIssuedBefore: '2126-01-02T03:04:05Z' }),
    says: [/Reason:\s+MomentToCome/, /nothing is replaced or revoked for it before 2126-01-02T03:04:05\.000Z\./],
  },
  {
    state: 'that is being deleted, and can not be revoked',
    async bring(scene) {
      await scene.active()
      await scene.turns('refuses deletions').remove(ORDERS)
      return ORDERS
    },
    says: [
      /Revoking what exists upstream: 1 left\. Last error: Locked: The upstream is locked\./,
      /Next try: TIME\. What is left at TIME, when nothing is at work, becomes an OrphanedCredential, and this object goes\./,
    ],
  },
]

const TASKS: readonly State[] = [
  {
    state: 'that waits for its turn',
    provider: { rateLimit: { tasks: 1, period: '1h' } },
    async bring(scene) {
      await scene.queued()
      return scene.taskIn('queued')
    },
    says: [
      /State:\s+queued/,
      /Waits for its turn\. Provider "ledger" is at its limit of 1 in 3600 s \(spec\.rateLimit\)\./,
    ],
  },
  {
    state: 'that is at work',
    bring: (scene) => scene.turns('hesitates').task('processing'),
    says: [/State:\s+processing/, /Started At:\s+TIME/, /Deadline:\s+TIME/],
  },
  {
    state: 'that has failed',
    bring: (scene) => scene.turns('refuses creations').task('failed'),
    says: [
      /Finished At:\s+TIME/,
      /Description:\s+The upstream is locked\./,
      /What comes next, and when: kubectl describe ccred orders --namespace \S+/,
    ],
  },
  {
    state: 'that has made a version',
    bring: (scene) => scene.task('credentials_created'),
    says: [/State:\s+credentials_created/, /Finished At:\s+TIME/, /Credentials Id:\s+cred-sm-task-/],
  },
]

const PROVIDERS: readonly State[] = [
  {
    state: 'that can run',
    bring: () => Promise.resolve(LEDGER),
    says: [/Message:\s+The API server accepts the Job and its pod\./, /Type:\s+Ready/],
  },
  {
    state: 'that can not run',
    provider: { template: { spec: { containers: [{ name: 'p', image: 'p:1', env: [{ name: 'A=B', value: '' }] }] } } },
    bring: () => Promise.resolve(LEDGER),
    says: [/spec\.template: the API server refuses the (Job|pod): .*A=B/, /It is checked again every minute\./],
  },
  {
    state: 'that is deleted while it is in use',
    async bring(scene) {
      await scene.active()
      await scene.remove(LEDGER)
      return LEDGER
    },
    says: [/It is being deleted: .* Still in use by 1: \S+\/orders\./, /it goes with the last of what it has made\./],
  },
  {
    state: 'whose credentials have leaked',
    async bring(scene) {
      await scene.active()
      scene.turns('refuses creations')
      const revokeIssuedBefore = new Date(Math.ceil(Date.now() / 1000) * 1000).toISOString()
      await scene.tenant.editProvider('ledger', { revokeIssuedBefore })
      return LEDGER
    },
    says: [
      /Still to replace or to revoke of what was issued before TIME: 1, of \S+\/orders\./,
      /Each of them says what is next\./,
    ],
  },
]

const ORPHANS: readonly State[] = [
  {
    state: 'that waits for its next try',
    async bring(scene) {
      await scene.active()
      scene.turns('refuses deletions')
      await kubectl('delete', 'namespace', scene.tenant.name, '--wait=false')
      return scene.orphan()
    },
    says: [
      /Description:\s+The upstream is locked\./,
      /Its deletion has failed, and is tried again by itself, at nextAttemptTime\. To have it tried now: kubectl annotate/,
      /Next Attempt Time:\s+TIME/,
    ],
  },
  {
    state: 'that nobody but people can find',
    provider: { capabilities: [] },
    async bring(scene) {
      await scene.remove(await scene.turns('hesitates').task('processing'))
      return scene.orphan()
    },
    says: [
      /may have made a credential for \S+\/orders \(since TIME\), and its provider cannot find it\./,
      /Look for it upstream and delete it\. Then: kubectl annotate orphan \S+ customcredentials\.dev\/forget=true/,
    ],
  },
]

const KINDS = { 'a credential': CREDENTIALS, 'a task': TASKS, 'a provider': PROVIDERS, 'an orphan': ORPHANS }
const ALL = Object.entries(KINDS).flatMap(([kind, states]) => states.map((one) => ({ ...one, kind })))

test.concurrent.each(ALL)(
  'what happened, what comes next and when is said of $kind $state',
  async ({ provider = {}, bring, says }) => {
    const tenant = await stage.tenant('described', provider)
    const described = await bring(new Scene(tenant, stage.upstream))
    const what = described[0] === 'orphan' ? described : [...described, '--namespace', tenant.name]
    await vi.waitFor(
      async () => {
        const { stdout } = await kubectl('describe', ...what)
        const missing = says.map(dated).filter((pattern) => !pattern.test(stdout))
        if (missing.length > 0) throw new Error(`${missing.join('\n')} not in:\n${stdout}`)
        const leaked = stage.upstream.made.filter((id) => stdout.includes(passwordOf(id)))
        if (leaked.length > 0) throw new Error(`It tells the passwords of ${leaked.join(', ')}:\n${stdout}`)
      },
      { timeout: 120_000, interval: 1000 },
    )
  },
)
