import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { annotation, finalizer, GATEWAY_AUDIENCE, label } from '../../src/api/labels.ts'
import { aCredential, aJob, anOrphan, aPod, aPodSpec, aProvider, aSecret, aTask, taskId } from './crds-builders.ts'
import { ask, install, OPERATOR, ours, until, type Answer, type Identity } from './crds-cluster.ts'

const NAMESPACE = 'crds-policies'
const DEVELOPER: Identity = { user: 'developer' }
const AUDITOR: Identity = { user: 'auditor' }
const NODE: Identity = { user: 'system:node:node-1', groups: ['system:nodes'] }
/** Controllers as stock clusters run them, each with an identity of its own; here with every right. */
const controller = (name: string): Identity => ({
  user: `system:serviceaccount:kube-system:${name}`,
  groups: ['system:masters'],
})

const core = `/api/v1/namespaces/${NAMESPACE}`
const jobs = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`
const tasks = ours('secrettasks', NAMESPACE)

const forbidden = (why: string) => ({ code: 403, message: expect.stringContaining(why) as string })

beforeAll(async () => {
  await install()
  await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: NAMESPACE } } })
  for (const [user, role] of [
    ['developer', 'edit'],
    ['auditor', 'view'],
  ]) {
    const apiGroup = 'rbac.authorization.k8s.io'
    const roleRef = { apiGroup, kind: 'ClusterRole', name: role }
    const body = { metadata: { name: role }, roleRef, subjects: [{ apiGroup, kind: 'User', name: user }] }
    await ask('POST', `/apis/${apiGroup}/v1/namespaces/${NAMESPACE}/rolebindings`, { body })
  }
  await until(async () => (await ask('GET', `${core}/serviceaccounts/default`)).code === 200)
  for (const as of [DEVELOPER, AUDITOR]) await until(async () => (await ask('GET', tasks, { as })).code === 200)
})

describe('A token for the task gateway', () => {
  const mint = (as: Identity | undefined, spec: object): Promise<Answer> =>
    ask('POST', `${core}/serviceaccounts/default/token`, { ...(as && { as }), body: { spec } })

  it.each([
    ['a developer', DEVELOPER],
    ['the operator', OPERATOR],
    ['an administrator', undefined],
    ['a user with the name of a node', { user: NODE.user, groups: ['system:masters'] }],
    ['a user in the group of nodes', { user: 'developer', groups: ['system:nodes', 'system:masters'] }],
  ])('is not for %s to mint', async (_who, as) => {
    expect((await mint(as, { audiences: ['other', GATEWAY_AUDIENCE] })).code).toBe(403)
  })

  it('is refused with what to do instead', async () => {
    const answer = await mint(DEVELOPER, { audiences: [GATEWAY_AUDIENCE] })
    expect(answer).toMatchObject(forbidden('mount one into the pod as a projected volume'))
  })

  it.each([[['another']], [undefined]])('is unlike any other: a developer may mint one for %j', async (audiences) => {
    expect((await mint(DEVELOPER, { audiences })).code).toBe(201)
  })

  it('is minted by the node for a pod that mounts it', async () => {
    const source = { serviceAccountToken: { path: 'token', audience: GATEWAY_AUDIENCE } }
    const volumes = [{ name: 'token', projected: { sources: [source] } }]
    const pod = aPod(NAMESPACE, 'mounts-token', {})
    const { body } = await ask('POST', `${core}/pods`, {
      body: { ...pod, spec: { ...aPodSpec, nodeName: 'node-1', volumes } },
    })
    const { uid } = body['metadata'] as { uid: string }
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: 'mounts-token', uid }
    // The API server learns of the pod through a watch of its own.
    await until(async () => (await mint(NODE, { audiences: [GATEWAY_AUDIENCE], boundObjectRef })).code === 201)
  })
})

describe('The records of the operator', () => {
  it('are made by the operator', async () => {
    expect((await ask('POST', tasks, { as: OPERATOR, body: aTask(NAMESPACE, taskId(1)) })).code).toBe(201)
    expect((await ask('POST', ours('orphanedcredentials'), { as: OPERATOR, body: anOrphan(NAMESPACE) })).code).toBe(201)
  })

  it.each([
    ['tasks', tasks, aTask(NAMESPACE, taskId(2))],
    ['orphans', ours('orphanedcredentials'), anOrphan(`${NAMESPACE}-2`)],
  ])('are not made by an administrator: %s', async (_kind, path, body) => {
    expect(await ask('POST', path, { body })).toMatchObject(forbidden('only the operator makes tasks and orphans'))
  })

  it.each(['POST', 'PATCH'] as const)('are not for a developer to %s', async (method) => {
    const path = method === 'POST' ? tasks : `${tasks}/${taskId(1)}`
    const answer = await ask(method, path, { as: DEVELOPER, body: aTask(NAMESPACE, taskId(1)) })
    expect(answer).toMatchObject(forbidden('cannot'))
  })

  it.each([
    ['customcredentials', aCredential(NAMESPACE, 'observed'), { state: 'active' }],
    ['credentialsproviders', aProvider({ namespace: NAMESPACE, name: 'observed' }), { observedGeneration: 1 }],
    ['clustercredentialsproviders', aProvider({ name: NAMESPACE }), { observedGeneration: 1 }],
    ['secrettasks', aTask(NAMESPACE, taskId(3)), { message: 'Waiting.' }],
    ['orphanedcredentials', anOrphan(`${NAMESPACE}-3`), { message: 'Waiting.' }],
  ])('include every status: %s', async (plural, object, status) => {
    const { name, ...scope } = object.metadata as { name: string; namespace?: string }
    const path = ours(plural, scope.namespace)
    await ask('POST', path, { as: { ...OPERATOR, groups: ['system:masters'] }, body: object })
    const write = { body: { status } }
    expect(await ask('PATCH', `${path}/${name}/status`, write)).toMatchObject(forbidden('only the operator writes the'))
    expect(await ask('PATCH', `${path}/${name}/status`, { ...write, as: OPERATOR })).toMatchObject({ code: 200 })
  })

  it('are read by an auditor, and cancelled by a developer alone', async () => {
    const path = `${tasks}/${taskId(1)}`
    expect((await ask('GET', path, { as: AUDITOR })).code).toBe(200)
    expect((await ask('DELETE', path, { as: AUDITOR })).code).toBe(403)
    expect((await ask('DELETE', path, { as: DEVELOPER })).code).toBe(200)
  })

  it('can be annotated and stripped of a finalizer in an emergency', async () => {
    const path = `${ours('orphanedcredentials')}/${NAMESPACE}`
    await ask('PATCH', path, { as: OPERATOR, body: { metadata: { finalizers: [finalizer.owed] } } })
    const metadata = { annotations: { [annotation.forget]: 'revoked by hand' }, finalizers: [] }
    expect(await ask('PATCH', path, { body: { metadata } })).toMatchObject({ code: 200, message: '' })
  })
})

describe('What people declare', () => {
  const finalizers = [finalizer.inUse]
  const kinds: [string, string | undefined, { metadata: unknown; spec: unknown }][] = [
    ['customcredentials', NAMESPACE, aCredential(NAMESPACE, 'declared')],
    ['credentialsproviders', NAMESPACE, aProvider({ namespace: NAMESPACE, name: 'declared' })],
    ['clustercredentialsproviders', undefined, aProvider({ name: `${NAMESPACE}-declared` })],
  ]

  it.each(kinds)('is held by the operator, and not changed: %s', async (plural, namespace, object) => {
    const { name } = object.metadata as { name: string }
    const path = `${ours(plural, namespace)}/${name}`
    expect((await ask('POST', ours(plural, namespace), { body: object })).code).toBe(201)
    expect(await ask('PATCH', path, { as: OPERATOR, body: { metadata: { finalizers } } })).toMatchObject({ code: 200 })
    const edits = [
      { spec: plural === 'customcredentials' ? { suspend: true } : { taskTimeout: '3m' } },
      { metadata: { labels: { team: 'orders' } } },
      { metadata: { annotations: { note: 'a word' } } },
    ]
    for (const body of edits) {
      const refused = forbidden('the operator changes nothing but its own finalizer')
      expect(await ask('PATCH', path, { as: OPERATOR, body })).toMatchObject(refused)
      expect(await ask('PATCH', path, { body })).toMatchObject({ code: 200 })
    }
    expect(await ask('PATCH', path, { as: OPERATOR, body: { metadata: { finalizers: [] } } })).toMatchObject({
      code: 200,
    })
    expect((await ask('DELETE', path)).code).toBe(200)
  })
})

describe('The marks of the operator', () => {
  const marks = { [label.task]: taskId(9) }
  const secretMarks = { [label.credentialUid]: 'credential-uid' }
  const bare = { suspend: true, template: { spec: aPodSpec } }

  it.each([
    ['a Job', jobs, aJob(NAMESPACE, 'forged', marks)],
    [
      'a Job by its template',
      jobs,
      { ...aJob(NAMESPACE, 'forged', { team: 'orders' }), spec: aJob(NAMESPACE, 'forged', marks).spec },
    ],
    ['a Pod', `${core}/pods`, aPod(NAMESPACE, 'forged', marks)],
    ['a Secret', `${core}/secrets`, aSecret(NAMESPACE, 'forged', secretMarks)],
  ])('are not to be had by creating %s', async (_what, path, body) => {
    const refused = forbidden('only the operator sets, changes or removes them')
    expect(await ask('POST', path, { as: DEVELOPER, body })).toMatchObject(refused)
    expect(await ask('POST', path, { body })).toMatchObject(refused)
  })

  it.each([
    ['a CronJob', 'cronjob-controller', jobs, aJob(NAMESPACE, 'forged', marks)],
    ['the Job controller, but for pods', 'job-controller', jobs, aJob(NAMESPACE, 'forged', marks)],
    ['a Deployment', 'replicaset-controller', `${core}/pods`, aPod(NAMESPACE, 'forged', marks)],
  ])('are not to be had by way of %s', async (_what, name, path, body) => {
    expect((await ask('POST', path, { as: controller(name), body })).code).toBe(403)
  })

  it('leave everything else alone', async () => {
    const other = { 'app.kubernetes.io/name': 'orders', 'customcredentials.development/task': 'x' }
    expect((await ask('POST', jobs, { as: DEVELOPER, body: aJob(NAMESPACE, 'plain', other) })).code).toBe(201)
    expect((await ask('POST', `${core}/pods`, { as: DEVELOPER, body: aPod(NAMESPACE, 'plain', other) })).code).toBe(201)
    expect(
      (await ask('POST', `${core}/secrets`, { as: DEVELOPER, body: aSecret(NAMESPACE, 'plain', other) })).code,
    ).toBe(201)
    const job = { metadata: { namespace: NAMESPACE, name: 'unlabelled' }, spec: bare }
    expect((await ask('POST', jobs, { as: DEVELOPER, body: job })).code).toBe(201)
  })

  it.each([annotation.taskSpec, annotation.stopped])('are the records of a Job, too: %s', async (record) => {
    const metadata = { namespace: NAMESPACE, name: 'forged', annotations: { [record]: '{}' } }
    const answer = await ask('POST', jobs, { as: DEVELOPER, body: { metadata, spec: bare } })
    expect(answer).toMatchObject(forbidden("the operator's records"))
  })

  describe('once set', () => {
    beforeAll(async () => {
      // A Job without any label of its own would be given those of its template again.
      await ask('POST', jobs, { as: OPERATOR, body: aJob(NAMESPACE, 'marked', { ...marks, team: 'orders' }) })
      await ask('POST', `${core}/secrets`, { as: OPERATOR, body: aSecret(NAMESPACE, 'marked', secretMarks) })
      await ask('POST', `${core}/pods`, { as: controller('job-controller'), body: aPod(NAMESPACE, 'marked', marks) })
    })

    it.each([
      ['lost', 'Job', `${jobs}/marked`, { [label.task]: null }],
      ['changed', 'Job', `${jobs}/marked`, { [label.task]: taskId(8) }],
      ['joined', 'Job', `${jobs}/plain`, marks],
      ['changed', 'Job by its status', `${jobs}/marked/status`, { [label.task]: taskId(8) }],
      ['lost', 'Pod', `${core}/pods/marked`, { [label.task]: null }],
      ['changed', 'Pod', `${core}/pods/marked`, { [label.task]: taskId(8) }],
      ['joined', 'Pod', `${core}/pods/plain`, marks],
      ['joined', 'Pod by its status', `${core}/pods/plain/status`, marks],
      ['lost', 'Secret', `${core}/secrets/marked`, { [label.credentialUid]: null }],
      ['changed', 'Secret', `${core}/secrets/marked`, { [label.credentialUid]: 'another' }],
      ['joined', 'Secret', `${core}/secrets/plain`, secretMarks],
    ])('are not %s by others: %s', async (_how, _what, path, labels) => {
      const answer = await ask('PATCH', path, { body: { metadata: { labels } } })
      expect(answer).toMatchObject(forbidden('only the operator sets, changes or removes them'))
    })

    it('are not joined by a suspended Job through its template', async () => {
      const body = { spec: { template: { metadata: { labels: marks } } } }
      expect(await ask('PATCH', `${jobs}/plain`, { as: DEVELOPER, body })).toMatchObject(forbidden('only the operator'))
    })

    it('do not stand in the way of other changes', async () => {
      const labels = { team: 'orders' }
      for (const path of [`${jobs}/marked`, `${core}/pods/marked`, `${core}/secrets/marked`]) {
        expect(await ask('PATCH', path, { as: DEVELOPER, body: { metadata: { labels } } })).toMatchObject({ code: 200 })
      }
      const status = { phase: 'Running' }
      expect((await ask('PATCH', `${core}/pods/marked/status`, { body: { status } })).code).toBe(200)
    })

    it('do not stand in the way of deletion, nor of stripping a finalizer in an emergency', async () => {
      await ask('PATCH', `${jobs}/marked`, { as: OPERATOR, body: { metadata: { finalizers: [finalizer.jobRelease] } } })
      const strip = { metadata: { finalizers: null } }
      expect((await ask('PATCH', `${jobs}/marked`, { as: DEVELOPER, body: strip })).code).toBe(200)
      expect((await ask('DELETE', `${core}/secrets/marked`, { as: DEVELOPER })).code).toBe(200)
    })
  })

  it('reach the pods of a Job by way of the Job controller', async () => {
    const job = aJob(NAMESPACE, 'runs', marks)
    const created = await ask('POST', jobs, { as: OPERATOR, body: { ...job, spec: { ...job.spec, suspend: false } } })
    expect(created.code).toBe(201)
    const selector = encodeURIComponent(`${label.task}=${taskId(9)},job-name=runs`)
    await until(async () => {
      const { body } = await ask('GET', `${core}/pods?labelSelector=${selector}`)
      return (body['items'] as unknown[]).length === 1
    })
  })
})

test('The namespace goes, with all that bears marks', async () => {
  await ask('DELETE', `/api/v1/namespaces/${NAMESPACE}`)
  // No node ever ends these pods: what a kubelet would do.
  const { body } = await ask('GET', `${core}/pods`)
  for (const { metadata } of body['items'] as { metadata: { name: string } }[]) {
    await ask('DELETE', `${core}/pods/${metadata.name}?gracePeriodSeconds=0`)
  }
  await until(async () => (await ask('GET', `/api/v1/namespaces/${NAMESPACE}`)).code === 404)
})

afterAll(async () => {
  for (const name of [NAMESPACE, `${NAMESPACE}-3`]) await ask('DELETE', `${ours('orphanedcredentials')}/${name}`)
  await ask('DELETE', `${ours('clustercredentialsproviders')}/${NAMESPACE}`)
})
