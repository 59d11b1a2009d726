import { describe, expect, it } from 'vitest'
import type { Key, KubeObject, Manifest, Resource } from '../../../src/api/meta.ts'
import {
  CustomCredentials,
  type Job,
  Jobs,
  Namespaces,
  type Pod,
  Pods,
  SecretMetadata,
  Secrets,
  SecretTasks,
} from '../../../src/api/resources.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import type { PatchOperation } from '../../../src/kube/port.ts'
import { ApiServer, watchEvent } from '../../sim/api-server/api-server.ts'
import type { ObjectChange } from '../../sim/observe/facts.ts'
import { START } from '../../support/builders.ts'
import { aCreation } from '../../support/builders-tasks.ts'

const by = 'operator-1'
const namespace = 'team-a'
const at = (name: string): Key => ({ namespace, name })

const task = aCreation().object
const taskKey = at(task.metadata.name)
const DONE = {
  state: 'credentials_created',
  outcome: 'Created',
  result: { credentialsId: 'role-1' },
} as const

/** A server with the namespace `team-a`, and what it tells its listeners. */
class Stage {
  readonly api = new ApiServer({ now: () => START })
  readonly told: ObjectChange[] = []

  constructor() {
    this.api.create(Namespaces, { metadata: { name: namespace } }, { by })
    this.api.subscribe((change) => this.told.push(change))
  }

  create<T extends KubeObject>(resource: Resource<T>, name: string, more: object = {}, metadata: object = {}): T {
    const manifest = { ...more, metadata: { ...at(name), ...metadata } } as unknown as Manifest<T>
    return this.api.create(resource, manifest, { by })
  }

  task = () => this.create(SecretTasks, task.metadata.name, { spec: task.spec })

  patch<T extends KubeObject>(resource: Resource<T>, name: string, ...operations: PatchOperation[]): T {
    return this.api.patch(resource, at(name), { operations }, { by })
  }

  status(...operations: PatchOperation[]) {
    return this.api.patch(SecretTasks, taskKey, { operations, subresource: 'status' }, { by })
  }

  has = (resource: Resource, name: string): boolean =>
    this.api.list(resource).items.some((object) => object.metadata.name === name)
}

const set = (path: string, value: unknown): PatchOperation => ({ op: 'add', path, value })
const test = (path: string, value: unknown): PatchOperation => ({ op: 'test', path, value })
const drop = (path: string): PatchOperation => ({ op: 'remove', path })
const seenAt = (value: string): PatchOperation => ({ op: 'replace', path: '/metadata/resourceVersion', value })
const aJob = { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'c:1' }] } } } }
const podSpec = { spec: { nodeName: 'node-1', containers: [] } }

/** What a refusal says to programs, and the revision that it must not change. */
function refusal(stage: Stage, act: () => unknown): { code: number; reason: string; causes: readonly string[] } {
  const before = stage.api.revision
  try {
    act()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    expect(stage.api.revision).toBe(before)
    return { code: error.code, reason: error.reason, causes: error.causes }
  }
  throw new Error('was not refused')
}

describe('the model API server refuses', () => {
  it.each<[string, number, string, (stage: Stage) => () => unknown]>([
    ['to read what is not there', 404, 'NotFound', (s) => () => s.api.get(Secrets, at('x'))],
    [
      'to create what is there',
      409,
      'AlreadyExists',
      (s) => {
        s.create(Secrets, 'a')
        return () => s.create(Secrets, 'a')
      },
    ],
    [
      'to create in a namespace that is not there',
      404,
      'NotFound',
      (s) => () => s.create(Secrets, 'a', {}, { namespace: 'nowhere' }),
    ],
    [
      'a write to what has changed since it was read',
      409,
      'Conflict',
      (s) => {
        const { resourceVersion } = s.create(Secrets, 'a').metadata
        s.patch(Secrets, 'a', set('/data', { k: 'dg==' }))
        return () => s.patch(Secrets, 'a', seenAt(resourceVersion), set('/data', {}))
      },
    ],
    [
      'a patch that would rename',
      400,
      'BadRequest',
      (s) => {
        s.create(Secrets, 'a')
        return () => s.patch(Secrets, 'a', set('/metadata/name', 'b'))
      },
    ],
    [
      'a body that can not be read',
      400,
      'BadRequest',
      (s) => () => s.create(Secrets, 'a', { data: { k: 'no base64!' } }),
    ],
    ['a key that is no file name', 422, 'Invalid', (s) => () => s.create(Secrets, 'a', { data: { 'a key': 'dg==' } })],
    [
      'a label that is none',
      422,
      'Invalid',
      (s) => () => s.create(Secrets, 'a', {}, { labels: { a: 'not a value!' } }),
    ],
    [
      'two controllers',
      422,
      'Invalid',
      (s) => () => {
        const owner = { apiVersion: 'v1', kind: 'Secret', uid: 'u', controller: true }
        const ownerReferences = ['o', 'p'].map((name) => ({ ...owner, name }))
        s.create(Secrets, 'a', {}, { ownerReferences })
      },
    ],
    [
      'to change what a Job runs',
      422,
      'Invalid',
      (s) => {
        s.create<Job>(Jobs, 'j', aJob)
        return () => s.patch(Jobs, 'j', set('/spec/template/spec/containers/0/image', 'c:2'))
      },
    ],
    [
      'a patch of which a test fails',
      422,
      'Invalid',
      (s) => {
        s.create(Secrets, 'a')
        return () => s.patch(Secrets, 'a', test('/metadata/uid', 'another'), set('/data', {}))
      },
    ],
    [
      'a patch of a path that is not there',
      422,
      'Invalid',
      (s) => {
        s.create(Secrets, 'a')
        return () => s.patch(Secrets, 'a', drop('/metadata/finalizers/0'))
      },
    ],
    [
      'to delete another object of the name',
      409,
      'Conflict',
      (s) => {
        s.create(Secrets, 'a')
        return () => {
          s.api.remove(Secrets, at('a'), { by, uid: 'another' })
        }
      },
    ],
    [
      'to delete what has changed since it was read',
      409,
      'Conflict',
      (s) => {
        s.create(Secrets, 'a')
        return () => {
          s.api.remove(Secrets, at('a'), { by, resourceVersion: '1' })
        }
      },
    ],
    [
      'a new finalizer on what is being deleted',
      422,
      'Invalid',
      (s) => {
        s.create(Secrets, 'a', {}, { finalizers: ['f'] })
        s.api.remove(Secrets, at('a'), { by })
        return () => s.patch(Secrets, 'a', set('/metadata/finalizers/-', 'g'))
      },
    ],
    [
      'to change the data of an immutable Secret',
      422,
      'Invalid',
      (s) => {
        s.create(Secrets, 'a', { immutable: true, data: { k: 'dg==' } })
        return () => s.patch(Secrets, 'a', set('/data/k', 'dw=='))
      },
    ],
    [
      'a Secret over 1 MiB',
      422,
      'Invalid',
      (s) => () => s.create(Secrets, 'a', { data: { k: Buffer.alloc(1024 * 1024 + 1).toString('base64') } }),
    ],
    [
      'a status write to a kind without status',
      404,
      'NotFound',
      (s) => {
        s.create(Secrets, 'a')
        return () => s.api.patch(Secrets, at('a'), { operations: [], subresource: 'status' }, { by })
      },
    ],
    [
      'to change the spec of a task',
      422,
      'Invalid',
      (s) => {
        s.task()
        return () => s.patch(SecretTasks, taskKey.name, set('/spec/timeoutSeconds', 61))
      },
    ],
    [
      'to change the state of a task that has ended',
      422,
      'Invalid',
      (s) => {
        s.task()
        s.status(set('/status/state', 'processing'))
        s.status(set('/status', DONE))
        return () => s.status(set('/status', { state: 'processing' }))
      },
    ],
    [
      'to change the result of a task that has ended',
      422,
      'Invalid',
      (s) => {
        s.task()
        s.status(set('/status/state', 'processing'))
        s.status(set('/status', DONE))
        return () => s.status(set('/status/result/credentialsId', 'role-2'))
      },
    ],
    [
      'a credential that its schema does not admit',
      422,
      'Invalid',
      (s) => () =>
        s.create(CustomCredentials, 'c', { spec: { providerRef: { name: 'p' }, rotation: { interval: '30s' } } }),
    ],
  ])('%s (%d %s)', (_, code, reason, prepare) => {
    const stage = new Stage()
    expect(refusal(stage, prepare(stage))).toMatchObject({ code, reason })
  })

  it('to create in a namespace that is being deleted, and says so', () => {
    const s = new Stage()
    s.api.remove(Namespaces, { name: namespace }, { by })
    const found = refusal(s, () => s.create(Secrets, 'a'))
    expect(found).toEqual({ code: 403, reason: 'Forbidden', causes: ['NamespaceTerminating'] })
  })

  it('to tell of changes that were compacted', () => {
    const s = new Stage()
    const { resourceVersion } = s.create(Secrets, 'a').metadata
    s.api.compact(s.api.revision)
    expect(refusal(s, () => s.api.since(Secrets, Number(resourceVersion) - 1))).toMatchObject({ code: 410 })
    expect(s.api.since(Secrets, Number(resourceVersion))).toEqual([])
  })
})

describe('a write to the model API server', () => {
  it('creates with what only the server sets, and with the defaults of the schema', () => {
    const object = new Stage().create(
      SecretTasks,
      task.metadata.name,
      { spec: task.spec, status: { state: 'processing' } },
      { uid: 'mine' },
    )
    expect(object.status).toEqual({ state: 'queued' })
    expect(object.metadata).toMatchObject({
      uid: '00000000-0000-4000-8000-000000000002',
      resourceVersion: '3',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
    })
  })

  it('that changes nothing makes no revision', () => {
    const s = new Stage()
    const object = s.create(Secrets, 'a', { data: { k: 'dg==' } })
    expect(s.patch(Secrets, 'a', set('/data', { k: 'dg==' }))).toBe(object)
    expect(s.told).toHaveLength(1)
  })

  it('that changes nothing makes one revision where the default of the status is not stored yet', () => {
    const s = new Stage()
    s.task()
    const patch = () => s.patch(SecretTasks, taskKey.name, set('/metadata/labels', {})).metadata.resourceVersion
    expect([patch(), patch()]).toEqual(['4', '4'])
  })

  it('fills in what a Job leaves open, and what tells its pods apart', () => {
    const { metadata, spec } = new Stage().create<Job>(Jobs, 'j', aJob)
    const marks = { 'batch.kubernetes.io/controller-uid': metadata.uid }
    expect(spec).toMatchObject({ parallelism: 1, completions: 1, backoffLimit: 6, selector: { matchLabels: marks } })
    expect(spec?.template.metadata?.labels).toMatchObject({ ...marks, 'job-name': 'j' })
    expect(spec?.template.spec?.containers[0]).toMatchObject({ imagePullPolicy: 'IfNotPresent', resources: {} })
  })

  it('keeps an owner once, and no field that is null', () => {
    const owner = { apiVersion: 'v1', kind: 'Secret', name: 'o', uid: 'u' }
    const spec = { providerRef: { name: 'p', kind: null }, parameters: { gone: null } }
    const object = new Stage().create(CustomCredentials, 'c', { spec }, { ownerReferences: [owner, { ...owner }] })
    expect(object.metadata.ownerReferences).toEqual([owner])
    expect(object.spec).toEqual({ providerRef: { name: 'p' }, parameters: {} })
  })

  it('on trial answers and stores nothing', () => {
    const s = new Stage()
    const answer = s.api.create(Secrets, { metadata: at('a') }, { by, dryRun: true })
    expect([answer.metadata.resourceVersion, s.has(Secrets, 'a'), s.told]).toEqual([undefined, false, []])
  })

  it('raises the generation with the spec alone', () => {
    const s = new Stage()
    s.create(CustomCredentials, 'c', { spec: { providerRef: { name: 'p' } } })
    const generation = (operation: PatchOperation) => s.patch(CustomCredentials, 'c', operation).metadata.generation
    expect(generation(set('/metadata/labels', { a: 'b' }))).toBe(1)
    expect(generation(set('/spec/providerRef/name', 'q'))).toBe(2)
  })

  it('to the status leaves the rest alone, and the other way round', () => {
    const s = new Stage()
    s.task()
    const first = s.status(set('/status/message', 'waits'), set('/metadata/labels', { a: 'b' }))
    expect([first.status.message, first.metadata.labels]).toEqual(['waits', undefined])
    const second = s.patch(SecretTasks, taskKey.name, drop('/status'), set('/metadata/labels', { 'a/b': 'd' }))
    expect([second.status.message, second.metadata.labels]).toEqual(['waits', { 'a/b': 'd' }])
    expect(s.patch(SecretTasks, taskKey.name, drop('/metadata/labels/a~1b')).metadata.labels).toBeUndefined()
  })

  it('by merge patch removes what is null and merges the rest', () => {
    const s = new Stage()
    s.create(Secrets, 'a', {}, { annotations: { a: '1', b: '2' } })
    const merge = { metadata: { annotations: { a: null, c: '3' } } }
    const { annotations } = s.api.patch(Secrets, at('a'), { merge }, { by }).metadata
    expect(annotations).toEqual({ b: '2', c: '3' })
  })

  it('never changes an object that was handed out', () => {
    const s = new Stage()
    const before = s.create(Secrets, 'a', { data: { k: 'dg==' } })
    const copy = structuredClone(before)
    s.patch(Secrets, 'a', set('/data/k', 'dw=='))
    s.api.remove(Secrets, at('a'), { by })
    expect(before).toEqual(copy)
  })
})

describe('a deletion', () => {
  it('waits for the last finalizer, and is asked for once', () => {
    const s = new Stage()
    s.create(Secrets, 'a', {}, { finalizers: ['f', 'g'] })
    s.api.remove(Secrets, at('a'), { by })
    s.api.remove(Secrets, at('a'), { by })
    s.patch(Secrets, 'a', test('/metadata/finalizers/0', 'f'), drop('/metadata/finalizers/0'))
    expect(s.api.get(Secrets, at('a')).metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      finalizers: ['g'],
    })
    s.patch(Secrets, 'a', drop('/metadata/finalizers/0'))
    expect(s.told.map(({ type }) => type)).toEqual(['added', 'changed', 'changed', 'deleted'])
  })

  it.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
    [undefined, ['orphan']],
    ['Background', undefined],
  ] as const)('of a Job, propagated as %s, leaves it with the finalizers %j', (propagation, finalizers) => {
    const s = new Stage()
    s.create<Job>(Jobs, 'j', aJob)
    s.api.remove(Jobs, at('j'), { by, ...(propagation && { propagation }) })
    expect(s.api.list(Jobs).items.map(({ metadata }) => metadata.finalizers)).toEqual(finalizers ? [finalizers] : [])
  })

  it('of a namespace waits for its controller, whose word ends it', () => {
    const s = new Stage()
    s.api.remove(Namespaces, { name: namespace }, { by })
    const merge = { spec: { finalizers: [] } }
    const end = (subresource?: 'finalize') =>
      s.api.patch(Namespaces, { name: namespace }, { merge, ...(subresource && { subresource }) }, { by })
    expect(end().status).toEqual({ phase: 'Terminating' })
    end('finalize')
    expect(s.told.map(({ type }) => type)).toEqual(['changed', 'deleted'])
  })

  it.each<[string, boolean, object, object]>([
    ['leaves a pod to its node', true, podSpec, {}],
    ['takes a pod that has no node', false, { spec: { containers: [] } }, {}],
    ['takes a pod that its kubelet has ended', false, podSpec, { force: true }],
  ])('%s', (_, stays, pod, more) => {
    const s = new Stage()
    s.create<Pod>(Pods, 'p', pod)
    s.api.remove(Pods, at('p'), { by, ...more })
    expect(s.has(Pods, 'p')).toBe(stays)
  })
})

describe('a reader of the model API server', () => {
  it('sees an older state whole', () => {
    const s = new Stage()
    s.create(Secrets, 'a')
    s.create(Secrets, 'b')
    const then = s.api.list(Secrets)
    s.patch(Secrets, 'a', set('/data', { k: 'dg==' }))
    s.api.remove(Secrets, at('b'), { by })
    s.create(Secrets, 'c')
    expect(s.api.list(Secrets, {}, Number(then.resourceVersion))).toEqual(then)
  })

  it.each([
    ['app=x', ['a', 'b']],
    ['app==x,tier', ['b']],
    ['app!=x', ['c']],
    ['!tier', ['a']],
    ['app in (x, y),tier notin (back)', ['a', 'b']],
  ])('selects by labels: %s', (labelSelector, names) => {
    const s = new Stage()
    s.create(Secrets, 'b', {}, { labels: { app: 'x', tier: 'front' } })
    s.create(Secrets, 'a', {}, { labels: { app: 'x' } })
    s.create(Secrets, 'c', {}, { labels: { tier: 'back' } })
    expect(s.api.list(Secrets, { labelSelector }).items.map(({ metadata }) => metadata.name)).toEqual(names)
  })

  it('selects by fields, and may see metadata alone', () => {
    const s = new Stage()
    s.task()
    const queued = s.api.list(SecretTasks, { namespace, fieldSelector: 'status.state=queued', metadataOnly: true })
    expect(queued.items.map(Object.keys)).toEqual([['apiVersion', 'kind', 'metadata']])
    expect(s.api.list(SecretTasks, { fieldSelector: 'status.state!=queued' }).items).toEqual([])
  })

  it('is not told, item by item, what kind of object it has listed, unless it is of ours', () => {
    const s = new Stage()
    s.create(Secrets, 'a')
    s.task()
    const kinds = [Secrets, SecretTasks].map((resource: Resource) => s.api.list(resource).items[0]?.kind)
    expect(kinds).toEqual([undefined, 'SecretTask'])
  })

  it('watches objects enter and leave its selection', () => {
    const s = new Stage()
    s.create(Secrets, 'a')
    s.patch(Secrets, 'a', set('/metadata/labels', { app: 'x' }))
    s.patch(Secrets, 'a', set('/data', { k: 'dg==' }))
    s.patch(Secrets, 'a', drop('/metadata/labels'), set('/data/k', 'dw=='))
    s.api.remove(Secrets, at('a'), { by })
    const lines = s.api.since(Secrets, 0).map((change) => watchEvent(change, { labelSelector: 'app=x' }))
    expect(lines.map((line) => line && [line.type, line.object.metadata.resourceVersion])).toEqual([
      undefined,
      ['ADDED', '4'],
      ['MODIFIED', '5'],
      ['DELETED', '6'],
      undefined,
    ])
    expect(lines[3]?.object).toMatchObject({ metadata: { labels: { app: 'x' } }, data: { k: 'dg==' } })
    expect(s.api.since(SecretMetadata, 0)).toEqual(s.api.since(Secrets, 0))
  })
})
