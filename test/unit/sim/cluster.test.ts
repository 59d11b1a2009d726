import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../../src/api/meta.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import {
  CustomCredentials,
  Deployments,
  Jobs,
  Namespaces,
  Pods,
  type Secret,
  Secrets,
  type Job,
} from '../../../src/api/resources.ts'
import { ApiServer } from '../../sim/api-server/api-server.ts'
import { Cluster } from '../../sim/cluster/cluster.ts'
import { NAIVE_IMAGE, OPAQUE_IMAGE, TAGGED_IMAGE, type GatewayRequest } from '../../sim/cluster/container.ts'
import { passwordOf } from '../../sim/cluster/upstream.ts'
import type { Fact } from '../../sim/observe/facts.ts'
import { Scheduler } from '../../sim/scheduler.ts'

const START = Date.UTC(2030, 0, 1)
const TASK = 'sm-task-00000000-0000-4000-8000-000000000001'
const NAMED = `cred-${TASK}`
const KEY = { namespace: 'jobs', name: TASK }
const BY = { by: 'test' }

interface Setting {
  /** What goes wrong at a place, one answer after the other. */
  faults?: Record<string, (string | undefined)[]>
  /** The task gateway's answers to reports, one after the other and then the last; 'lost' is none. */
  answers?: (number | 'lost')[]
  image?: string
  env?: Record<string, string>
  spec?: object
}

/** A cluster with one Job, `TASK` in the namespace `jobs`. */
function stage({ faults = {}, answers = [200], ...job }: Setting = {}) {
  const scheduler = new Scheduler(START)
  const server = new ApiServer({ now: scheduler.now })
  const facts: Fact[] = []
  const requests: GatewayRequest[] = []
  const gateway = (request: GatewayRequest) => {
    requests.push(request)
    const status = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200
    if (status === 'lost') return Promise.reject(new Error('socket hang up'))
    return Promise.resolve({ status, body: '{"status":"processing"}', retryAfterMs: 0 })
  }
  const tell = (fact: Fact) => facts.push(fact)
  server.subscribe(tell)
  const place = (where: string) => faults[where]?.shift()
  const cluster = new Cluster({ server, scheduler, tell, place, gateway })
  server.create(Namespaces, { metadata: { name: 'jobs' } }, BY)
  server.create(Jobs, jobOf(job), BY)
  return {
    server,
    requests,
    cluster,
    run: (ms: number) => scheduler.runUntil(scheduler.now() + ms, () => false),
    pods: () => server.list(Pods, { namespace: 'jobs' }).items,
    conditions: () => server.get(Jobs, KEY).status?.conditions?.map(({ type, reason }) => `${type} ${reason ?? ''}`),
    upstream: () => [...cluster.upstream.ledger.keys()],
    made: () => facts.filter((fact) => fact.kind === 'upstream' && fact.type === 'created').length,
    /** How the consumers' logins went, in order. */
    logins: () => facts.flatMap((fact) => (fact.kind === 'login' ? [fact.ok] : [])),
    /** How pods, Jobs and containers ended, in order. */
    endings: () =>
      facts.flatMap((fact) => {
        if (fact.kind === 'object' && fact.type === 'deleted') return [fact.resource.kind]
        return fact.kind === 'container' && fact.type === 'ended' ? ['container'] : []
      }),
  }
}

function jobOf({ image = 'provider:1', env = {}, spec = {} }: Setting): Manifest<Job> {
  const variables = {
    SM_ACTION: 'create_credentials',
    SM_TRIGGER: 'secret_creation',
    SM_INSTANCE_URL: 'https://gateway.example',
    SM_SECRET_TASK_ID: TASK,
    SM_SECRET_ID: 'secret-uid',
    SM_SECRET_NAME: 'db',
    SM_SECRET_GROUP_ID: 'team',
    SM_TOKEN_FILE: '/token',
    ...env,
  }
  const container = {
    name: 'provider',
    image,
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
  }
  const template = { metadata: { labels: { task: TASK } }, spec: { restartPolicy: 'Never', containers: [container] } }
  return { metadata: KEY, spec: { backoffLimit: 0, completions: 1, template, ...spec } }
}

const COMPLETE = ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']
const FAILED = ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']
const DEADLINE = ['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded']

interface Case extends Setting {
  when: string
  job: string[]
  upstream: string[]
}

describe('a Job of a provider', () => {
  it.each<Case>([
    { when: 'completes once its report is accepted', job: COMPLETE, upstream: [NAMED] },
    { when: 'undoes what is refused', answers: [400], job: FAILED, upstream: [] },
    { when: 'repeats a report whose answer is lost', answers: ['lost', 503, 200], job: COMPLETE, upstream: [NAMED] },
    {
      when: 'leaves behind what an unanswered upstream made',
      faults: { 'upstream:create': ['lost'] },
      job: FAILED,
      upstream: [NAMED],
    },
    {
      when: 'reports the refusal of the upstream',
      faults: { 'upstream:create': ['refuse'] },
      job: FAILED,
      upstream: [],
    },
    {
      when: 'leaves behind what it made when it is killed before its report',
      faults: { 'container:before-report': ['kill'] },
      job: FAILED,
      upstream: [NAMED],
    },
    { when: 'makes one credential by two pods', faults: { 'job:start': ['twice'] }, job: COMPLETE, upstream: [NAMED] },
    { when: 'fails at its deadline without a pod', faults: { 'job:start': ['never'] }, job: DEADLINE, upstream: [] },
    {
      when: 'is hindered by no gap in the attention of the Job controller',
      faults: { 'job:notice': ['behind'] },
      job: COMPLETE,
      upstream: [NAMED],
    },
    {
      when: 'fails at its deadline without a node',
      faults: { 'pod:bind': ['unschedulable'] },
      job: DEADLINE,
      upstream: [],
    },
    {
      when: 'fails at its deadline without an image',
      faults: { 'pod:start': ['no image'] },
      job: DEADLINE,
      upstream: [],
    },
    {
      when: 'completes without a report, if its container just ends',
      faults: { 'container:begin': ['exit 0'] },
      job: COMPLETE,
      upstream: [],
    },
    {
      when: 'fails after its report, if its container does',
      faults: { 'container:after-report': ['exit 1'] },
      job: FAILED,
      upstream: [NAMED],
    },
    {
      when: 'fails at its deadline, if its container hangs',
      faults: { 'container:begin': ['hang'] },
      job: DEADLINE,
      upstream: [],
    },
    {
      when: 'takes its time with a slow upstream',
      faults: { 'upstream:create': ['slow'] },
      job: COMPLETE,
      upstream: [NAMED],
    },
    {
      when: 'undoes what a lost answer was about, if it is naive',
      image: NAIVE_IMAGE,
      answers: ['lost'],
      job: FAILED,
      upstream: [],
    },
  ])('$when', async ({ job, upstream, ...setting }) => {
    const world = stage({ spec: { activeDeadlineSeconds: 300 }, ...setting })
    await world.run(400_000)
    expect(world.conditions()).toEqual(job)
    expect(world.upstream()).toEqual(upstream)
    expect(world.made()).toBeLessThanOrEqual(1)
  })

  it('says that it ended about a second after its last pod', async () => {
    const world = stage()
    await world.run(1000)
    expect(world.pods().map(({ status }) => status?.phase)).toEqual(['Succeeded'])
    expect(world.conditions()).toEqual(COMPLETE.slice(0, 1))
    await world.run(1000)
    expect(world.conditions()).toEqual(COMPLETE)
  })

  it.each([
    { report: 'again', bodies: 1 },
    { report: 'another payload', bodies: 2 },
    { report: 'another credential', bodies: 2 },
    { report: 'a failure', bodies: 2 },
  ])('reports $report, if its container is confused', async ({ report, bodies }) => {
    const world = stage({ faults: { 'container:after-report': [report] } })
    await world.run(60_000)
    expect(world.requests).toHaveLength(2)
    expect(new Set(world.requests.map(({ body }) => body)).size).toBe(bodies)
    expect(world.upstream()).toEqual([NAMED])
  })

  it('is found by tag once the list of the upstream shows it', async () => {
    const world = stage({
      image: TAGGED_IMAGE,
      env: { SM_ACTION: 'delete_credentials', SM_ORIGIN_TASK_ID: TASK },
    })
    void world.cluster.upstream.create('tagged', TASK, 'test')
    await world.run(1000)
    expect(world.upstream()).toHaveLength(1)
    await world.run(60_000)
    expect(world.upstream()).toEqual([])
  })

  it('works on a node that is cut off, and is heard of only when that is over', async () => {
    const world = stage({ faults: { 'pod:start': ['cut off'] } })
    await world.run(14 * 60_000)
    expect(world.upstream()).toEqual([NAMED])
    expect(world.pods().map(({ status }) => status?.phase)).toEqual([undefined])
    await world.run(2 * 60_000)
    expect(world.conditions()).toEqual(COMPLETE)
  })

  it('loses its pods when it is suspended', async () => {
    const world = stage({ answers: ['lost'] })
    await world.run(500)
    world.server.patch(Jobs, KEY, { merge: { spec: { suspend: true } } }, BY)
    await world.run(60_000)
    expect(world.pods()).toEqual([])
    expect(world.conditions()).toBeUndefined()
  })

  it('cannot be found by a provider whose upstream invents the names', async () => {
    const world = stage({ image: OPAQUE_IMAGE, env: { SM_ACTION: 'delete_credentials', SM_ORIGIN_TASK_ID: TASK } })
    await world.run(5000)
    expect(world.requests.map(({ body }) => body)).toEqual([expect.stringContaining('FindNotSupported')])
  })

  it('fails by a killed container with exit code 137, and nothing more comes of it', async () => {
    const world = stage({ faults: { 'container:before-report': ['kill'] } })
    await world.run(60_000)
    const [pod] = world.pods()
    expect(pod?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(137)
    expect(world.requests).toEqual([])
  })
})

describe('a deletion', () => {
  const working: Setting = { answers: ['lost'] }

  it('in the foreground ends with the container of the Job', async () => {
    const world = stage(working)
    await world.run(500)
    world.server.remove(Jobs, KEY, { ...BY, propagation: 'Foreground' })
    await world.run(5)
    expect(world.server.get(Jobs, KEY).metadata.finalizers).toEqual(['foregroundDeletion'])
    await world.run(60_000)
    expect(world.endings()).toEqual(['container', 'Pod', 'Job'])
  })

  it('in the background takes the pods afterwards', async () => {
    const world = stage(working)
    await world.run(500)
    world.server.remove(Jobs, KEY, { ...BY, propagation: 'Background' })
    expect(world.server.find(Jobs, KEY)).toBeUndefined()
    expect(world.pods()).toHaveLength(1)
    await world.run(60_000)
    expect(world.pods()).toEqual([])
  })

  it('that orphans leaves the pods at work', async () => {
    const world = stage(working)
    await world.run(500)
    world.server.remove(Jobs, KEY, { ...BY, propagation: 'Orphan' })
    await world.run(5000)
    expect(world.server.find(Jobs, KEY)).toBeUndefined()
    expect(world.pods().map(({ status }) => status?.phase)).toEqual(['Running'])
  })

  it('of a namespace waits for the finalizers in it', async () => {
    const world = stage()
    const held: Manifest = { metadata: { namespace: 'jobs', name: 'held', finalizers: ['example.com/hold'] } }
    world.server.create(Secrets, held, BY)
    await world.run(3000)
    world.server.remove(Namespaces, { name: 'jobs' }, BY)
    await world.run(60_000)
    expect([world.server.find(Jobs, KEY), world.pods()]).toEqual([undefined, []])
    expect(world.server.get(Namespaces, { name: 'jobs' }).status?.phase).toBe('Terminating')
    world.server.patch(Secrets, { namespace: 'jobs', name: 'held' }, { merge: { metadata: { finalizers: [] } } }, BY)
    await world.run(1000)
    expect(world.server.find(Namespaces, { name: 'jobs' })).toBeUndefined()
  })
})

const WEB = { namespace: 'jobs', name: 'web' }
const deployment = (version = '1') => ({
  metadata: WEB,
  spec: { template: { metadata: { annotations: { version } } } },
})
const followed = () => ({
  metadata: { namespace: 'jobs', name: 'db' },
  spec: {
    providerRef: { name: 'ledger' },
    rotation: { minOverlap: '10m', overlapEnds: 'AfterRestarts' as const },
    restartTargets: [{ kind: 'Deployment' as const, name: 'web' }],
  },
})

describe('a Deployment', () => {
  const OLD_AND_NEW = { observedGeneration: 2, replicas: 2, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 }
  const NEW = { ...OLD_AND_NEW, replicas: 1 }

  it.each([
    ['has an old pod beside the new one', undefined, 1000, OLD_AND_NEW],
    ['has the new one alone when that is ready', undefined, 30_000, NEW],
    ['has both for long where the new one is late', 'late', 30_000, OLD_AND_NEW],
    ['has the new one alone in the end where it is late', 'late', 900_000, NEW],
    ['has both for ever where the new one never comes up', 'never', 36_000_000, OLD_AND_NEW],
  ])('%s', async (_, fault, ms, status) => {
    const world = stage({ faults: { 'deployment:start': [undefined, fault] } })
    world.server.create(Deployments, deployment(), BY)
    await world.run(30_000)
    world.server.patch(Deployments, WEB, { merge: deployment('2') }, BY)
    await world.run(ms)
    expect(world.server.get(Deployments, WEB).status).toEqual(status)
  })
})

describe('a consumer', () => {
  const secret = (id: string, version: string): Manifest<Secret> => ({
    metadata: {
      namespace: 'jobs',
      name: 'db',
      labels: { [label.credentialUid]: 'uid-db', [label.credential]: 'db' },
      annotations: { [annotation.credentialsId]: id, [annotation.version]: version },
    },
    data: { password: Buffer.from(passwordOf(id)).toString('base64') },
  })

  it('is refused once what it has read is deleted upstream', async () => {
    const world = stage()
    await world.run(1000)
    world.server.create(Secrets, secret(NAMED, '1'), BY)
    void world.cluster.upstream.delete(NAMED, 'test')
    await world.run(1000)
    expect(world.logins()).toEqual([true, false])
  })

  it('reads what replaces it', async () => {
    const world = stage()
    await world.run(1000)
    world.server.create(Secrets, secret(NAMED, '1'), BY)
    const { metadata, data } = secret('another', '2')
    world.server.patch(Secrets, { namespace: 'jobs', name: 'db' }, { merge: { metadata, data } }, BY)
    void world.cluster.upstream.delete(NAMED, 'test')
    await world.run(1000)
    expect(world.logins()).toEqual([true, false, false])
  })

  it.each([
    ['until its pods are replaced', 1000, [true, false, false, false]],
    ['no longer', 40_000, [true, false, false]],
  ])('that is restarted keeps what it has read: %s', async (_, ms, logins) => {
    const world = stage()
    const operator = { by: 'operator-1' } as const
    world.server.create(CustomCredentials, followed(), BY)
    world.server.create(Deployments, deployment(), BY)
    await world.run(30_000)
    world.server.create(Secrets, secret(NAMED, '1'), operator)
    const { metadata, data } = secret('another', '2')
    world.server.patch(Secrets, { namespace: 'jobs', name: 'db' }, { merge: { metadata, data } }, operator)
    world.server.patch(Deployments, WEB, { merge: deployment('2') }, BY)
    await world.run(ms)
    void world.cluster.upstream.delete(NAMED, 'test')
    await world.run(1000)
    expect(world.logins()).toEqual(logins)
  })
})
