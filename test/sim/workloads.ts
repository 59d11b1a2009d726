import { parseDuration } from '../../src/api/duration.ts'
import type { CustomCredential, OrphanedCredential, SecretTask } from '../../src/api/generated.ts'
import { annotation, CustodyKind, label } from '../../src/api/labels.ts'
import type { KubeObject } from '../../src/api/meta.ts'
import { OrphanedCredentials, Secrets, SecretTasks } from '../../src/api/resources.ts'
import { NAIVE_IMAGE, OPAQUE_IMAGE, PRYING_IMAGE, RESTLESS_IMAGE, TAGGED_IMAGE } from './cluster/container.ts'
import { passwordOf } from './cluster/upstream.ts'
import { LOGIN, OF_CLUSTER, PLATFORM, PROVIDER, type ProviderSetting } from './people.ts'
import type { PlannedFault } from './places.ts'
import type { World } from './world.ts'

/** One thing that people do, and what has to come of it whatever goes wrong. */
export interface Step {
  readonly what: string
  readonly act: (world: World) => void
  readonly reached: (world: World) => boolean
}

export interface Workload {
  readonly name: string
  readonly says: string
  /** What goes wrong in every run of it. */
  readonly given?: readonly PlannedFault[]
  /** The provider of both teams; made with the kit, for an upstream whose names it chooses, unless told otherwise. */
  readonly provider?: ProviderSetting
  /** Processes of the operator, one of which leads. Absent means one. */
  readonly replicas?: number
  readonly steps: readonly Step[]
}

type Spec = Partial<CustomCredential['spec']>

const MINUTE_MS = 60_000

const create = (name = 'orders', namespace = 'team-a', spec: Spec = {}): Step => ({
  what: `create ${namespace}/${name}`,
  act: (world) => {
    world.people.createCredential(namespace, name, spec)
  },
  reached: (world) => world.people.delivered(namespace, name) >= 1,
})

/** No longer waited for than until its task is so far. */
const createUntil = (state: SecretTask['status']['state']): Step => ({
  ...create(),
  what: `create team-a/orders, until its task is ${state}`,
  reached: ({ server }) => server.list(SecretTasks).items.some(({ status }) => status.state === state),
})

/** All at once. */
const createAll = (names: readonly string[], spec: Spec = {}): Step => ({
  what: `create ${names.join(', ')}`,
  act: ({ people }) => {
    for (const [namespace = '', name = ''] of names.map((full) => full.split('/')))
      people.createCredential(namespace, name, spec)
  },
  reached: ({ people }) =>
    names.every((full) => people.delivered(full.split('/')[0] ?? '', full.split('/')[1] ?? '') >= 1),
})

const rotate = (version: number, name = 'orders', namespace = 'team-a'): Step => ({
  what: `rotate ${namespace}/${name} to version ${version}`,
  act: (world) => {
    world.people.rotate(namespace, name, `request-${version}`)
  },
  reached: (world) => world.people.delivered(namespace, name) >= version,
})

/** A Secret that bears the name of the target, whosever credential comes for it. */
const nameTaken = (name = 'orders', namespace = 'team-a'): readonly Step[] => [
  {
    what: `create ${namespace}/${name} where a Secret of that name is`,
    act: ({ people }) => {
      people.createSecret(namespace, name)
      people.createCredential(namespace, name)
    },
    reached: ({ people }) =>
      people.delivered(namespace, name) >= 1 ||
      (people.credential(namespace, name)?.status.conditions ?? []).some(({ reason }) => reason === 'TargetConflict'),
  },
  {
    what: `take the Secret ${namespace}/${name} away`,
    act: ({ people }) => {
      if (people.delivered(namespace, name) === 0) people.deleteSecret(namespace, name)
    },
    reached: ({ people }) => people.delivered(namespace, name) >= 1,
  },
]

/** Programs that read the Secret when they start: they follow each version but the first. */
const createWithConsumer = (name = 'orders', namespace = 'team-a', consumer = 'web'): Step => ({
  what: `create ${namespace}/${name} for the Deployment ${consumer}`,
  act: ({ people }) => {
    people.createDeployment(namespace, consumer)
    people.createCredential(namespace, name, { restartTargets: [{ kind: 'Deployment', name: consumer }] })
  },
  reached: ({ people }) => people.delivered(namespace, name) >= 1,
})

/** Its overlap is longer than a rollout is late, and the rollouts take longer than a rotation, each its own time. */
const createFollowed: Step = {
  ...create(),
  what: 'create team-a/orders, whose overlaps end when two Deployments have followed',
  act: ({ people }) => {
    people.createDeployment('team-a', 'web')
    people.createDeployment('team-a', 'worker', 60)
    people.createCredential('team-a', 'orders', {
      rotation: { minOverlap: '30m', overlapEnds: 'AfterRestarts' },
      restartTargets: [
        { kind: 'Deployment', name: 'web' },
        { kind: 'Deployment', name: 'worker' },
      ],
    })
  },
}

/** The Deployments may be late, or never come up: then it takes as long as the overlap. */
const endOverlaps: Step = {
  what: 'wait until what has been displaced is gone',
  act: () => undefined,
  reached: ({ people }) => (people.credential('team-a', 'orders')?.status.unresolved ?? []).length === 0,
}

const remove = (name = 'orders', namespace = 'team-a'): Step => ({
  what: `delete ${namespace}/${name}`,
  act: (world) => {
    world.people.deleteCredential(namespace, name)
  },
  reached: (world) => world.people.credential(namespace, name) === undefined,
})

/** For how long the previous version is to stay usable, and how soon the next is due. */
const OVERLAPPING: Spec = {
  rotation: { interval: '2m', minOverlap: '1m' },
  taskHistoryLimit: 1,
  versionHistoryLimit: 1,
}

const becomeDue = (version: number, name = 'orders', namespace = 'team-a'): Step => ({
  what: `wait for version ${version} of ${namespace}/${name}`,
  act: () => undefined,
  reached: (world) => world.people.delivered(namespace, name) >= version,
})

const edit = (spec: object, name = 'orders', namespace = 'team-a'): Step => ({
  what: `edit ${namespace}/${name}`,
  act: (world) => {
    world.people.editCredential(namespace, name, spec)
  },
  reached: () => true,
})

/** Each lock has a name of its own: by it, it stays with its version. */
const lock = (version: 'current' | 'previous', name = 'orders', namespace = 'team-a'): Step => ({
  what: `lock the ${version} version of ${namespace}/${name}`,
  act: ({ people }) => {
    people.editCredential(namespace, name, { locks: [{ name: `the-${version}`, version }] })
  },
  reached: ({ people }) => {
    const { spec, status } = people.credential(namespace, name) ?? {}
    return spec?.locks === undefined || (status?.locks ?? []).length > 0
  },
})

/** So long nothing is asked for. */
const becomeSilent = (duration: string): Step => {
  let until: number | undefined
  return {
    what: `let ${duration} go by`,
    act: ({ scheduler }) => {
      until = scheduler.now() + parseDuration(duration)
      scheduler.after(parseDuration(duration), 'the end of a silence', () => undefined)
    },
    reached: ({ scheduler }) => scheduler.now() >= (until ?? Infinity),
  }
}

/** To the second, as the API server dates tasks. */
const nextSecond = ({ scheduler }: World): string => new Date(Math.ceil(scheduler.now() / 1000) * 1000).toISOString()

/** A leak that is being exploited: versions up to this one are to be gone, and a later one there. */
const revokeAtOnce = (last: number): Step => ({
  what: `revoke at once what was issued before now, version ${last} too`,
  act: (world) => {
    // The moment may be still to come.
    const revokeIssuedBefore = nextSecond(world)
    world.people.editCredential('team-a', 'orders', { revokeIssuedBefore, revokeMode: 'Immediate' })
  },
  reached: ({ people }) => {
    const { currentVersion = 0, versions = [] } = people.credential('team-a', 'orders')?.status ?? {}
    return currentVersion > last && versions.every(({ version }) => version > last)
  },
})

/** All that a provider has issued has leaked. */
const distrustProvider = (revokeMode: Spec['revokeMode']): Step => ({
  what: `have revoked what the cluster's provider has issued before now (${revokeMode ?? 'AfterReplacement'})`,
  act: (world) => {
    world.people.distrustCluster(nextSecond(world), revokeMode)
  },
  reached: ({ people }) => {
    const { versions = [] } = people.credential('team-a', 'invoices')?.status ?? {}
    return isAnswered(people, () => versions.every(({ version }) => version > 1))
  },
})

/** Where the provider is away nobody can tell it anything. */
const isAnswered = (people: World['people'], otherwise = () => false): boolean => {
  const { metadata, spec, status } = people.clusterProvider() ?? {}
  const revoking = status?.conditions?.find(({ type }) => type === 'Revoking')
  const isOver = revoking?.reason === 'NoneLeft' && revoking.observedGeneration === metadata?.generation
  return spec?.revokeIssuedBefore === undefined || isOver || otherwise()
}

const isAtWork = ({ server, people }: World): boolean =>
  server.list(SecretTasks).items.some(({ status }) => status.state === 'processing') ||
  people.delivered('team-a', 'orders') >= 4

/** The password stays under its own name, for consumers to log in with. */
const rendered = (scheme: string): Spec => ({
  target: {
    labels: { [scheme]: 'yes' },
    template: {
      password: '{{ password }}',
      url: `${scheme}://:{{ password | url_encode }}@ledger{% if previous %}?was={{ previous.password }}{% endif %}`,
    },
    previousKeys: { prefix: 'previous_' },
  },
})

const ADOPTABLE: ProviderSetting = { capabilities: ['find', 'adopt'] }

/** What a Secret says that was left when its credential was deleted. */
const adopt = (secretName: string, name: string, credentialsId?: string): Step => ({
  what: `create team-a/${name} from Secret ${secretName}`,
  act: ({ people }) => {
    const left = people.secret('team-a', secretName)?.metadata.annotations?.[annotation.credentialsId]
    people.createCredential('team-a', name, {
      adopt: { secretName, credentialsId: credentialsId ?? left ?? 'unknown' },
    })
  },
  reached: ({ people }) =>
    people.delivered('team-a', name) >= 1 ||
    (people.credential('team-a', name)?.status.conditions ?? []).some(({ reason }) => reason === 'AdoptionFailed'),
})

/** The Secret bears another name: what consumers have is there then. */
const rename = (to: string, name = 'orders', namespace = 'team-a'): Step => ({
  what: `rename the Secret of ${namespace}/${name} to ${to}`,
  act: ({ people }) => {
    people.editCredential(namespace, name, { target: { name: to } })
  },
  reached: (world) => isThere(world, to, name, namespace),
})

const isThere = ({ people }: World, secret: string, name: string, namespace: string): boolean => {
  const { metadata, status } = people.credential(namespace, name) ?? {}
  const { labels, annotations } = people.secret(namespace, secret)?.metadata ?? {}
  const isOurs = metadata !== undefined && labels?.[label.credentialUid] === metadata.uid
  return isOurs && annotations?.[annotation.version] === String(status?.currentVersion)
}

const isConflicted = ({ people }: World, name = 'orders', namespace = 'team-a'): boolean =>
  (people.credential(namespace, name)?.status.conditions ?? []).some(({ reason }) => reason === 'TargetConflict')

/** At the same time. */
const both = (one: Step, other: Step): Step => ({
  what: `${one.what}, and ${other.what}`,
  act: (world) => {
    one.act(world)
    other.act(world)
  },
  reached: (world) => one.reached(world) && other.reached(world),
})

/** Where there was nothing to adopt, or somebody else has it. */
const giveUpAdoption = (name: string): Step => ({
  what: `have team-a/${name} made where it has adopted nothing`,
  act: ({ people }) => {
    if (people.delivered('team-a', name) === 0) people.editCredential('team-a', name, { adopt: null })
  },
  reached: ({ people }) => people.delivered('team-a', name) >= 1,
})

const createReading = (namespace = 'team-a', copyForRevocation = false, spec: Spec = {}): Step => ({
  ...create('orders', namespace),
  what: `create ${namespace}/orders, whose provider logs in with a Secret`,
  act: ({ people }) => {
    people.setLogin(namespace, 1)
    const secretParameters = { admin: { name: LOGIN, copyForRevocation } }
    people.createCredential(namespace, 'orders', { ...spec, secretParameters })
  },
})

/** One of the cluster, that logs in with a Secret of the administrator. Its tenants' Jobs lie side by side. */
const offer = (setting: ProviderSetting, ...namespaces: readonly string[]): Step => ({
  what: `offer a provider of the cluster to ${namespaces.join(', ')}`,
  act: ({ people }) => {
    people.createNamespace(PLATFORM)
    people.setLogin(PLATFORM, 1)
    people.createClusterProvider({ ...setting, refersToLogin: true })
    for (const namespace of namespaces) people.admit(namespace)
  },
  reached: () => true,
})

const admit = (namespace: string, isAdmitted = true): Step => ({
  what: `have the cluster's provider serve ${namespace}${isAdmitted ? '' : ' no more'}`,
  act: ({ people }) => {
    people.admit(namespace, isAdmitted)
  },
  reached: () => true,
})

const isRefused = ({ people }: World, namespace: string): boolean =>
  (people.credential(namespace, 'orders')?.status.conditions ?? []).some(
    ({ reason }) => reason === 'NamespaceNotAllowed',
  )

const areRevoked = ({ server }: World): boolean => server.list(OrphanedCredentials).items.length === 0

const changeLogin = (nth: number): Step => ({
  what: `change the password of the Secret, to the ${nth}.`,
  act: ({ people }) => {
    people.setLogin('team-a', nth)
  },
  reached: () => true,
})

const keepCopy = (copyForRevocation: boolean): Step => ({
  what: copyForRevocation ? 'have a copy kept' : 'have no copy kept any more',
  act: ({ people }) => {
    people.editCredential('team-a', 'orders', { secretParameters: { admin: { copyForRevocation } } })
  },
  reached: ({ people, server }) => {
    const isCopy = ({ metadata }: KubeObject) => metadata.labels?.[label.custody] === CustodyKind.copy
    const isGone = people.secret('team-a', LOGIN) === undefined
    return isGone || server.list(Secrets).items.some(isCopy) === copyForRevocation
  },
})

/** Again and again: the orphan of a process that has died may come late. */
function lookAfterOrphans(
  world: World,
  isTheirs = ({ status }: OrphanedCredential) => status.state === 'Blocked',
): void {
  const { people, cluster, scheduler } = world
  for (const { metadata, spec } of people.orphans().filter(isTheirs)) {
    cluster.upstream.deleteByHand(spec.originTaskId)
    people.forgetOrphan(metadata.name)
  }
  scheduler.after(MINUTE_MS, 'aside people look after orphans', () => {
    lookAfterOrphans(world, isTheirs)
  })
}

const deleteNamespace = (namespace: string): Step => ({
  what: `delete the namespace ${namespace}`,
  act: ({ people }) => {
    people.deleteNamespace(namespace)
  },
  reached: ({ people }) => people.isGone(namespace),
})

const deleteLogin: Step = {
  what: 'delete the Secret',
  act: ({ people }) => {
    people.deleteSecret('team-a', LOGIN)
  },
  reached: () => true,
}

/** While it is at work, has versions, or owes deletions: then it stays for a while. */
const deleteProvider = (name?: string): Step => ({
  what: `delete the provider ${name ?? PROVIDER}`,
  act: ({ people }) => {
    people.deleteProvider('team-a', name)
  },
  reached: () => true,
})

const moveTo = (provider: string): Step => ({
  what: `make the provider ${provider}, and have all made by it`,
  act: (world) => {
    world.createProvider('team-a', provider)
    world.people.moveTo('team-a', provider)
  },
  reached: () => true,
})

/** What it has made stays while its successor is suspect, and a person must look. */
const goes = (name?: string): Step => ({
  what: `wait until the provider ${name ?? PROVIDER} is gone`,
  act: () => undefined,
  reached: ({ people }) =>
    // Somebody may have made it anew.
    people.provider('team-a', name)?.metadata.deletionTimestamp === undefined ||
    (people.credential('team-a', 'orders')?.status.versions ?? []).some(({ suspect }) => suspect !== undefined),
})

/** While somebody sees to it that this Secret of their own is there. */
const keptFor = (secret: string, step: Step): Step => ({
  ...step,
  reached: (world) => {
    world.people.keepSettings('team-a', secret)
    return step.reached(world)
  },
})

/** Where that has failed, nobody tries it again. */
const isSettled: Step = {
  what: 'wait for the version that is being made',
  act: () => undefined,
  reached: ({ people }) =>
    people.delivered('team-a', 'orders') >= 1 ||
    (people.credential('team-a', 'orders')?.status.conditions ?? []).some(({ reason }) => /^Provider/.test(reason)),
}

const at = (place: string, fault: string, ...occasions: readonly number[]): PlannedFault[] =>
  occasions.map((nth) => ({ place, nth, fault }))

export const WORKLOADS: readonly Workload[] = [
  { name: 'create', says: 'A credential is created and delivered.', steps: [create()] },
  {
    name: 'rotate',
    says: 'A credential is rotated three times.',
    steps: [create(), rotate(2), rotate(3), rotate(4)],
  },
  { name: 'delete', says: 'A credential is created, rotated and deleted.', steps: [create(), rotate(2), remove()] },
  {
    name: 'hasty',
    says: 'A credential is deleted before its creation has begun; made anew, it is deleted while that is under way.',
    steps: [createUntil('queued'), remove(), createUntil('processing'), remove()],
  },
  {
    name: 'failed-create',
    says: 'The first creation is refused upstream, and the second has no answer.',
    given: [
      { place: 'upstream:create', nth: 1, fault: 'refuse' },
      { place: 'upstream:create', nth: 2, fault: 'lost' },
    ],
    steps: [create(), remove()],
  },
  {
    name: 'failed-delete',
    says: 'The deletion fails twice upstream.',
    given: [
      { place: 'upstream:delete', nth: 1, fault: 'refuse' },
      { place: 'upstream:delete', nth: 2, fault: 'lost' },
    ],
    steps: [create(), remove()],
  },
  {
    name: 'two-tenants',
    says: 'Two teams create, one rotates while the other deletes.',
    steps: [create(), create('orders', 'team-b'), rotate(2), remove('orders', 'team-b')],
  },
  {
    name: 'namespace',
    says: 'A namespace is deleted with a live credential in it.',
    steps: [
      create(),
      deleteNamespace('team-a'),
      {
        what: 'wait for the end of what is owed',
        act: () => undefined,
        reached: ({ people }) => people.orphans().length === 0,
      },
    ],
  },
  { name: 'name-taken', says: "The target Secret is somebody else's, who then takes it away.", steps: nameTaken() },
  {
    name: 'left',
    says: 'A credential is rotated and deleted, and its Secret stays, though it is nobody’s any more.',
    steps: [create('orders', 'team-a', { target: { name: 'login', deletionPolicy: 'Retain' } }), rotate(2), remove()],
  },
  {
    name: 'merged',
    says: 'A credential is merged into a Secret that people make later, and edit; it is rotated, moved to another of theirs, and deleted.',
    steps: [
      {
        what: 'create team-a/orders, to be merged into a Secret that is not there yet',
        act: ({ people }) => {
          people.createCredential('team-a', 'orders', { target: { name: 'app', creationPolicy: 'Merge' } })
        },
        reached: ({ people }) =>
          (people.credential('team-a', 'orders')?.status.conditions ?? []).some(
            ({ reason }) => reason === 'TargetMissing',
          ) || people.delivered('team-a', 'orders') >= 1,
      },
      keptFor('app', {
        what: 'make that Secret',
        act: () => undefined,
        reached: ({ people }) => people.delivered('team-a', 'orders') >= 1,
      }),
      keptFor('app', rotate(2)),
      keptFor('app', {
        ...rotate(3),
        what: 'edit a key of it, and rotate',
        act: ({ people }) => {
          people.editSettings('team-a', 'app', 'db-2.example.com')
          people.rotate('team-a', 'orders', 'request-3')
        },
      }),
      {
        what: 'move it to another, which has such a key already',
        act: ({ people }) => {
          people.createSecret('team-a', 'settings')
          people.editCredential('team-a', 'orders', { target: { name: 'settings' } })
        },
        reached: (world) => isConflicted(world) || isThere(world, 'settings', 'orders', 'team-a'),
      },
      keptFor('settings', { ...rename('settings'), what: 'take that key out' }),
      remove(),
    ],
  },
  {
    name: 'renamed',
    says: 'The Secret of a credential is renamed, and what is displaced stays for an overlap; it is rotated, and renamed as it goes.',
    steps: [
      create('orders', 'team-a', { rotation: { minOverlap: '1m' } }),
      rename('login'),
      rotate(2),
      { ...rename('access'), reached: () => true },
      remove(),
    ],
  },
  {
    name: 'renamed-again',
    says: 'The Secret of a credential is renamed there and back, and twice before anything is cleaned up.',
    steps: [
      create(),
      { ...rename('login'), reached: () => true },
      becomeSilent('1s'),
      rename('orders'),
      becomeSilent('30s'),
      { ...rename('login'), reached: () => true },
      rename('access'),
    ],
  },
  {
    name: 'renamed-onto',
    says: 'A Secret is renamed onto the former one of another credential, and onto one that is somebody else’s, who then takes it away.',
    steps: [
      create('orders', 'team-a', { target: { name: 'login' } }),
      create('invoices'),
      both(rename('entry'), rename('login', 'invoices')),
      {
        what: 'rename it onto a Secret that is there',
        act: ({ people }) => {
          people.createSecret('team-a', 'access')
          people.editCredential('team-a', 'orders', { target: { name: 'access' } })
        },
        reached: (world) => isConflicted(world) || isThere(world, 'access', 'orders', 'team-a'),
      },
      rotate(2, 'invoices'),
      {
        what: 'take that Secret away',
        act: ({ people }) => {
          const isForeign = people.secret('team-a', 'access')?.metadata.labels === undefined
          if (isForeign) people.deleteSecret('team-a', 'access')
        },
        reached: (world) => isThere(world, 'access', 'orders', 'team-a'),
      },
      remove(),
    ],
  },
  {
    name: 'interval',
    says: 'A credential is rotated whenever it is due, and its consumers take their time to follow.',
    steps: [create('orders', 'team-a', OVERLAPPING), becomeDue(3), edit({ rotation: { interval: null } })],
  },
  {
    name: 'expiry',
    says: 'Versions live for a while and are rotated in time; then the last one expires, and somebody asks for another.',
    steps: [
      create('orders', 'team-a', { rotation: { interval: '2m', minOverlap: '11m' }, ttl: '12m' }),
      becomeDue(3),
      edit({ rotation: { interval: null } }),
      {
        what: 'wait for the end of the last version',
        act: () => undefined,
        reached: ({ people }) => people.credential('team-a', 'orders')?.status.state === 'destroyed',
      },
      edit({ ttl: null }),
      {
        what: 'ask for another version',
        act: ({ people }) => {
          people.rotate('team-a', 'orders', 'another')
        },
        reached: ({ people }) => people.credential('team-a', 'orders')?.status.state === 'active',
      },
    ],
  },
  {
    name: 'window',
    says: 'A credential that is always due is rotated in windows only.',
    steps: [
      create('orders', 'team-a', {
        rotation: { interval: '1m', window: { schedule: '10,40 * * * *', duration: '2m' }, jitter: '30s' },
        taskHistoryLimit: 1,
      }),
      becomeDue(4),
      edit({ rotation: null }),
      remove(),
    ],
  },
  {
    name: 'edited',
    says: 'Parameters are edited: first for the next version, then at once, with a time to live; an edit of labels makes none.',
    steps: [
      create('orders', 'team-a', { parameters: { role: 'reader' } }),
      edit({ parameters: { role: 'writer' } }),
      becomeSilent('2m'),
      rotate(2),
      edit({ applyPolicy: 'Immediate', parameters: { role: 'owner' } }),
      becomeDue(3),
      edit({ ttl: '10d', target: { labels: { tier: 'gold' } } }),
      becomeDue(4),
      edit({ target: { labels: { tier: 'silver' } } }),
      becomeSilent('2m'),
      remove(),
    ],
  },
  {
    name: 'suspended',
    says: 'A credential that is due again and again is suspended for a while, and rotated by request once it is resumed.',
    steps: [
      create('orders', 'team-a', { rotation: { interval: '2m' } }),
      edit({ suspend: true }),
      becomeSilent('10m'),
      edit({ suspend: null, rotation: { interval: null } }),
      rotate(2),
      remove(),
    ],
  },
  {
    name: 'locked',
    says: 'The previous version is locked while a rotation is asked for, and the current one while the object is deleted.',
    steps: [
      create(),
      rotate(2),
      lock('previous'),
      { ...rotate(3), what: 'ask for version 3', reached: () => true },
      becomeSilent('3m'),
      { ...lock('current'), what: 'lock the current version in place of the previous one' },
      becomeDue(3),
      { ...remove(), what: 'delete it while it is locked', reached: () => true },
      becomeSilent('3m'),
      {
        what: 'unlock it',
        act: ({ people }) => {
          people.editCredential('team-a', 'orders', { locks: null })
        },
        reached: ({ people }) => people.credential('team-a', 'orders') === undefined,
      },
    ],
  },
  {
    name: 'locked-beyond-its-time',
    says: 'A version is locked when its time to live ends, and when that of its successor does: both stay until it is unlocked.',
    steps: [
      create('orders', 'team-a', { ttl: '10m' }),
      lock('current'),
      becomeSilent('12m'),
      rotate(2),
      becomeSilent('12m'),
      {
        what: 'unlock it',
        act: ({ people }) => {
          people.editCredential('team-a', 'orders', { locks: null })
        },
        reached: ({ people }) => people.credential('team-a', 'orders')?.status.state === 'destroyed',
      },
      edit({ ttl: null }),
      rotate(3),
    ],
  },
  {
    name: 'given-up',
    says: 'A credential that was brought back from a backup has had 249 creations fail; after one more it waits for people to ask.',
    given: at('upstream:create', 'refuse', 1),
    steps: [
      {
        what: 'bring team-a/orders back',
        act: ({ people }) => {
          people.bringBack('team-a', 'orders', { nextVersion: { number: 1, attempts: 249, failures: 249 } })
        },
        reached: ({ people }) =>
          people.delivered('team-a', 'orders') >= 1 ||
          (people.credential('team-a', 'orders')?.status.conditions ?? []).some(
            ({ reason }) => reason === 'CreationGivenUp',
          ),
      },
      becomeSilent('70m'),
      { ...rotate(1), what: 'ask for another try' },
    ],
  },
  {
    name: 'condemned',
    says: 'What was issued so far is replaced and revoked, though one version is locked and the credential suspended.',
    steps: [
      create(),
      rotate(2),
      lock('previous'),
      edit({ suspend: true }),
      {
        what: 'revoke what was issued before a moment to come',
        act: ({ people, scheduler }) => {
          const revokeIssuedBefore = new Date(scheduler.now() + MINUTE_MS).toISOString()
          people.editCredential('team-a', 'orders', { revokeIssuedBefore })
        },
        reached: ({ people }) => {
          const { versions = [], unresolved = [] } = people.credential('team-a', 'orders')?.status ?? {}
          return (
            versions.every(({ version }) => version > 2) && !unresolved.some(({ reason }) => reason === 'IssuedBefore')
          )
        },
      },
      edit({ suspend: null, locks: null }),
      remove(),
    ],
  },
  {
    name: 'leaked-now',
    says: 'What was issued so far is revoked at once: locked, suspended, within its overlap; and then again, while a creation runs.',
    steps: [
      create('orders', 'team-a', { rotation: { minOverlap: '20m' } }),
      rotate(2),
      lock('previous'),
      edit({ suspend: true }),
      revokeAtOnce(2),
      edit({ suspend: null, locks: null }),
      becomeSilent('2s'),
      { ...rotate(4), what: 'ask for another version, until it is made', reached: isAtWork },
      revokeAtOnce(3),
      remove(),
    ],
  },
  {
    name: 'leak-at-the-provider',
    says: 'What a provider of the cluster has issued has leaked, and is revoked: after its replacement, one at a time; an orphan by people; then at once.',
    steps: [
      offer({ limits: { concurrency: 1 } }, 'team-a', 'team-b'),
      both(createAll(['team-a/orders', 'team-a/invoices'], OF_CLUSTER), createReading('team-b', false, OF_CLUSTER)),
      deleteNamespace('team-b'),
      both(distrustProvider('AfterReplacement'), becomeSilent('110s')),
      {
        what: 'delete upstream what is tried in vain, and have it forgotten',
        act: (world) => {
          lookAfterOrphans(world, () => true)
        },
        reached: ({ people }) => isAnswered(people),
      },
      { ...distrustProvider('Immediate'), reached: ({ people }) => isAnswered(people) },
      remove(),
    ],
  },
  {
    name: 'crowded',
    says: 'Two teams want many at once, and their providers allow one at a time, and few within two minutes.',
    provider: { limits: { concurrency: 1, rateLimit: { tasks: 3, period: '2m' } } },
    given: at('container:before-report', 'hang', 1),
    steps: [createAll(['team-a/orders', 'team-a/invoices', 'team-a/returns', 'team-b/orders']), rotate(2), remove()],
  },
  {
    name: 'restart',
    says: 'A Deployment is rolled out for two versions, each time after a refusal.',
    given: at('write patch deployments', 'invalid', 1, 3),
    steps: [createWithConsumer(), rotate(2), becomeSilent('15s'), rotate(3)],
  },
  {
    name: 'overlap-ends-early',
    says: 'An overlap ends when two Deployments have followed: once before the next rotation, then while they follow two at once.',
    steps: [createFollowed, rotate(2), becomeSilent('3m'), rotate(3), rotate(4), endOverlaps, remove()],
  },
  {
    name: 'rendered',
    says: 'A credential is shown by a template, with the previous version beside it, until that one has expired.',
    steps: [
      create('orders', 'team-a', { ...rendered('http'), ttl: '30m', rotation: { interval: '20m' } }),
      rotate(2),
      {
        what: 'edit the template',
        act: ({ people }) => {
          const target = { ...rendered('https').target, labels: { http: null, https: 'yes' } }
          people.editCredential('team-a', 'orders', { target, ttl: null, rotation: null })
        },
        reached: ({ people }) => people.text('team-a', 'orders', 'url')?.startsWith('https:') === true,
      },
      rotate(3),
      {
        what: 'wait for the end of the previous version',
        act: () => undefined,
        reached: ({ people }) => {
          const { versions = [], previousVersion } = people.credential('team-a', 'orders')?.status ?? {}
          const previous = versions.find(({ version }) => version === previousVersion)
          // It stays while its successor is suspect, and a person must look.
          return previous?.expiresAt === undefined || versions.some(({ suspect }) => suspect !== undefined)
        },
      },
    ],
  },
  {
    name: 'with-inputs',
    says: 'The providers of two teams log in with Secrets of the same name, and pry; one of these changes, and is gone for a while.',
    provider: { image: PRYING_IMAGE },
    steps: [
      createReading(),
      createReading('team-b'),
      changeLogin(2),
      rotate(2),
      deleteLogin,
      { ...rotate(3), what: 'ask for version 3 while the Secret is gone', reached: () => true },
      becomeSilent('2m'),
      { ...changeLogin(3), what: 'make the Secret anew' },
      becomeDue(3),
      remove(),
    ],
  },
  {
    name: 'with-copies',
    says: 'Of the Secret by which a provider logs in a copy is kept: it goes before the credential does, then with the namespace.',
    steps: [
      createReading('team-a', true),
      changeLogin(2),
      becomeSilent('10m'),
      keepCopy(false),
      keepCopy(true),
      deleteLogin,
      {
        ...remove(),
        reached: (world) => world.people.credential('team-a', 'orders') === undefined && areRevoked(world),
      },
      createReading('team-a', true),
      { ...deleteNamespace('team-a'), reached: (world) => world.people.isGone('team-a') && areRevoked(world) },
    ],
  },
  {
    name: 'of-the-cluster',
    says: 'Two teams use a provider of the cluster: one before it may, one while it may not for a time; it makes an end of both.',
    steps: [
      offer({ image: PRYING_IMAGE }, 'team-a'),
      createReading('team-a', true, OF_CLUSTER),
      { ...createReading('team-b', true, OF_CLUSTER), reached: (world) => isRefused(world, 'team-b') },
      { ...admit('team-b'), reached: ({ people }) => people.delivered('team-b', 'orders') >= 1 },
      admit('team-a', false),
      becomeSilent('6m'),
      {
        ...rotate(2),
        what: 'ask for version 2 while the provider does not serve',
        reached: (world) => isRefused(world, 'team-a'),
      },
      { ...admit('team-a'), reached: ({ people }) => people.delivered('team-a', 'orders') >= 2 },
      both(admit('team-a', false), admit('team-b', false)),
      remove(),
      { ...deleteNamespace('team-b'), reached: (world) => world.people.isGone('team-b') && areRevoked(world) },
    ],
  },
  {
    name: 'left-to-people',
    says: 'A provider refers to a Secret of its namespace, which goes: people delete by hand what nothing else can, and say so.',
    provider: { refersToLogin: true },
    steps: [
      create(),
      rotate(2),
      {
        ...deleteNamespace('team-a'),
        reached: ({ people }) =>
          people.isGone('team-a') && people.orphans().every(({ status }) => status.state === 'Blocked'),
      },
      {
        what: 'delete upstream what is left, and have it forgotten',
        act: (world) => {
          lookAfterOrphans(world)
        },
        reached: ({ people }) => people.orphans().length === 0,
      },
    ],
  },
  {
    name: 'retained',
    says: 'The current version stays when its credential is deleted; another one of the same name adopts it, rotates and goes.',
    provider: ADOPTABLE,
    steps: [
      create('orders', 'team-a', { revocationPolicy: 'Retain', rotation: { minOverlap: '1m' } }),
      rotate(2),
      remove(),
      adopt('orders', 'orders'),
      giveUpAdoption('orders'),
      rotate(2),
      remove(),
    ],
  },
  {
    name: 'adopted',
    says: 'Two want a login that was made by hand; one gets it, and rotates. What they have stays when their namespace goes.',
    provider: ADOPTABLE,
    steps: [
      {
        what: 'make a login by hand',
        act: ({ cluster: { upstream }, people }) => {
          upstream.createByHand('legacy-login')
          people.createSecret('team-a', 'legacy', passwordOf('legacy-login'))
        },
        reached: () => true,
      },
      both(adopt('legacy', 'orders', 'legacy-login'), adopt('legacy', 'invoices', 'legacy-login')),
      giveUpAdoption('orders'),
      giveUpAdoption('invoices'),
      rotate(2),
      rotate(3),
      edit({ revocationPolicy: 'Retain' }),
      deleteNamespace('team-a'),
      {
        what: 'have revoked what was retained',
        act: ({ people }) => {
          people.retryOrphans()
        },
        reached: ({ people }) => people.orphans().length === 0,
      },
    ],
  },
  {
    name: 'provider-goes',
    says: 'A provider is deleted while it has versions: another takes over, and it goes with the last of them; so does that one, with its credentials.',
    steps: [
      create(),
      rotate(2),
      deleteProvider(),
      becomeSilent('6m'),
      { ...rotate(3), what: 'ask for version 3', reached: () => true },
      becomeSilent('2m'),
      moveTo('ledger-2'),
      becomeDue(3),
      rotate(4),
      rotate(5),
      goes(),
      both(deleteProvider('ledger-2'), remove()),
      both(goes(), goes('ledger-2')),
      moveTo('ledger-3'),
    ],
  },
  {
    name: 'provider-goes-at-work',
    says: 'A provider is deleted while it makes the first version: that is delivered, and the provider goes when the credential does.',
    steps: [
      createUntil('processing'),
      deleteProvider(),
      isSettled,
      becomeSilent('2m'),
      remove(),
      goes(),
      moveTo('ledger-3'),
    ],
  },
  {
    name: 'standby',
    says: 'The leader dies when it has made its first Job, and another process, which has watched all the while, goes on.',
    replicas: 2,
    given: at('write create jobs', 'crash after', 1),
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'timeout',
    says: 'The first container hangs until its time is up.',
    given: at('container:before-report', 'hang', 1),
    steps: [create(), remove()],
  },
  {
    name: 'no-start',
    says: 'The first pod finds no node, and the image of the second is not there.',
    given: [...at('pod:bind', 'unschedulable', 1), ...at('pod:start', 'no image', 1)],
    steps: [create()],
  },
  {
    name: 'throttled',
    says: 'Two teams create and rotate while the API server is short of breath.',
    given: [
      ...at('write create jobs', 'throttled', 1, 2, 4),
      ...at('write create secrettasks', 'overloaded', 1, 3),
      ...at('write patch secrettasks/status', 'throttled', 2, 3, 5),
      ...at('write patch customcredentials/status', 'overloaded', 1, 4, 6),
    ],
    steps: [create(), create('orders', 'team-b'), rotate(2), rotate(2, 'orders', 'team-b')],
  },
  {
    name: 'relist',
    says: 'Every watch has lost its place, and all is listed anew, page by page.',
    given: ['customcredentials', 'secrettasks', 'jobs', 'pods', 'secrets'].flatMap((plural) =>
      at(`watch ${plural}`, 'expired', 2),
    ),
    steps: [create(), create('invoices'), create('returns'), remove()],
  },
  {
    name: 'tagged',
    says: 'The upstream invents the names and finds by tag: a container is killed before its report.',
    provider: { image: TAGGED_IMAGE },
    given: at('container:before-report', 'kill', 1),
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'opaque',
    says: 'The upstream invents the names and finds nothing: a container is killed before its report.',
    provider: { image: OPAQUE_IMAGE, capabilities: [] },
    given: at('container:before-report', 'kill', 1),
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'naive',
    says: 'The provider is made without the kit, and undoes its work whenever in doubt.',
    provider: { image: NAIVE_IMAGE, capabilities: [] },
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'restless',
    says: 'The provider makes others where its report is not taken, and reports them for the same task.',
    provider: { image: RESTLESS_IMAGE, capabilities: [] },
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'contradiction',
    says: 'A container reports another credential for a task that has ended with one, and is refused.',
    given: at('container:after-report', 'another credential', 1),
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'refused',
    says: 'The first report does not fit the provider, which then fails to undo its work: only the record of the refusal knows.',
    provider: { image: OPAQUE_IMAGE, capabilities: [] },
    given: [...at('container:before-report', 'unfit payload', 1), ...at('upstream:delete', 'down', 1, 2, 3)],
    steps: [create(), rotate(2), remove()],
  },
  {
    name: 'wordless',
    says: 'The Job controller writes nothing for a while, and the first container hangs after it has made something.',
    given: [...at('job:report', 'late', 1), ...at('container:before-report', 'hang', 1)],
    steps: [create()],
  },
  {
    name: 'two-pods',
    says: 'The Job controller starts two pods for the first Job, and the upstream refuses one of them.',
    provider: { image: NAIVE_IMAGE, capabilities: [] },
    given: [...at('job:start', 'twice', 1), ...at('upstream:create', 'refuse', 1)],
    steps: [create()],
  },
]
