import { beforeEach, describe, expect, it } from 'vitest'
import { annotation, label } from '../../../src/api/labels.ts'
import type { KubeObject } from '../../../src/api/meta.ts'
import { Jobs, Pods, Secrets, type Job, type Pod } from '../../../src/api/resources.ts'
import { identify } from '../../../src/gateway/identity.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { cacheOf, testPorts } from '../../support/gateway-ports.ts'
import { aSpec, aTask, install, jobOf, kitOf, reviewOf, TASK_ID } from '../../support/task-run.ts'

let api: FakeApi
let pod: Pod
let job: Job
const task = aTask()

beforeEach(() => {
  api = new FakeApi()
  ;({ pod, job } = install(api, task))
})

const withMetadata = <T extends KubeObject>(object: T, metadata: Partial<T['metadata']>): T => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
})
const replacePod = (metadata: Partial<Pod['metadata']>) => api.put(Pods, withMetadata(pod, metadata))
const replaceJob = (metadata: Partial<Job['metadata']>) => api.put(Jobs, withMetadata(job, metadata))
const [owner] = podOwner()
function podOwner() {
  return [{ apiVersion: 'batch/v1', kind: 'Job', name: TASK_ID, uid: 'job-uid', controller: true }] as const
}
const claims = (spec: object) => ({ [annotation.taskSpec]: JSON.stringify(spec) })
const identifyGood = () => identify(testPorts(api), 'Bearer good', TASK_ID)

describe('the run of a task', () => {
  it('is known by token, pod and Job, each by UID', async () => {
    await expect(identifyGood()).resolves.toEqual({
      id: TASK_ID,
      namespace: 'team-a',
      taskUid: 'task-uid',
      jobUid: 'job-uid',
      spec: task.spec,
    })
  })

  it('may have parameters that are named as what every object inherits', async () => {
    const secretParameters = { prototype: { name: 'ledger-admin' } }
    const named = aTask({}, { parameters: { constructor: 'x', prototype: 1 }, secretParameters, namespaceUid: 'uid' })
    install(api, named)
    expect((await identifyGood()).spec).toEqual(named.spec)
  })

  it('costs one token review where the caches are warm', async () => {
    const ports = testPorts(api, { pods: cacheOf(pod), jobs: cacheOf(job), custody: cacheOf(kitOf(task)) })
    await identify(ports, 'bearer good', TASK_ID)
    expect(api.calls).toEqual(['review'])
  })

  it('is not refused because a cache is behind', async () => {
    const stale = { pods: cacheOf(withMetadata(pod, { uid: 'old' })), jobs: cacheOf(withMetadata(job, { labels: {} })) }
    await expect(identify(testPorts(api, stale), 'Bearer good', TASK_ID)).resolves.toMatchObject({ jobUid: 'job-uid' })
  })
})

describe('who has no valid token gets 401', () => {
  const good = () => reviewOf(pod)
  it.each<[string, string | undefined, () => object]>([
    ['no token', undefined, good],
    ['another scheme', 'Basic good', good],
    ['an empty token', 'Bearer ', good],
    ['an unknown or expired token', 'Bearer bad', good],
    ['a token for another audience', 'Bearer good', () => ({ ...good(), authenticated: false, error: 'audience' })],
    ['a token reviewed by a server that knows no audiences', 'Bearer good', () => ({ ...good(), audiences: [] })],
  ])('%s', async (_, authorization, review) => {
    api.reviews.set('good', review() as Record<string, unknown>)
    await expect(identify(testPorts(api), authorization, TASK_ID)).rejects.toMatchObject({ code: 'invalid_token' })
  })
})

describe('who is not the run of this task gets 403, and is told why', () => {
  const review = (user: object) => {
    api.reviews.set('good', { ...reviewOf(pod), user })
  }
  const elsewhere = aSpec({ jobNamespace: 'team-b' })
  const cases: Record<string, [() => unknown, string]> = {
    'a token bound to no pod': [
      () => {
        review({ username: 'system:serviceaccount:team-a:default' })
      },
      'the token is not bound to a pod',
    ],
    'a user': [
      () => {
        review({ ...reviewOf(pod).user, username: 'admin' })
      },
      'the token is not bound to a pod',
    ],
    'a pod that is gone': [
      () => {
        api.drop(Pods, pod.metadata)
      },
      'the pod of the token is gone',
    ],
    'a pod made again under the same name': [() => replacePod({ uid: 'other' }), 'the pod of the token is gone'],
    'a pod of no Job': [() => replacePod({ ownerReferences: [] }), 'the pod is not controlled by a Job'],
    'a pod that a Job owns but does not control': [
      () => replacePod({ ownerReferences: [{ ...owner, controller: false }] }),
      'the pod is not controlled by a Job',
    ],
    'a pod of another kind that calls itself Job': [
      () => replacePod({ ownerReferences: [{ ...owner, apiVersion: 'example.org/v1' }] }),
      'the pod is not controlled by a Job',
    ],
    'a pod that names the Job as its controller without bearing the label that only the Job controller sets': [
      () => replacePod({ labels: {} }),
      `the pod was not made for ${TASK_ID}`,
    ],
    'the pod of another task': [
      () => replacePod({ ownerReferences: [{ ...owner, name: 'sm-task-other' }] }),
      'the pod runs sm-task-other, which is another task',
    ],
    'a pod whose Job is gone': [
      () => {
        api.drop(Jobs, job.metadata)
      },
      'the Job of the pod is gone',
    ],
    'a pod whose Job was made again': [() => replaceJob({ uid: 'other' }), 'the Job of the pod is gone'],
    'a Job without the UID of its task': [() => replaceJob({ labels: {} }), 'the Job was not made by the operator'],
    'a Job that does not say its task': [() => replaceJob({ annotations: {} }), 'the Job was not made by the operator'],
    'a Job whose task is no JSON': [
      () => replaceJob({ annotations: { [annotation.taskSpec]: '{' } }),
      'the Job was not made by the operator',
    ],
    'a Job whose task has half its fields': [
      () => replaceJob({ annotations: claims({ type: 'create_credentials' }) }),
      'the Job was not made by the operator',
    ],
    'a Job whose task has a parameter that is none': [
      () => replaceJob({ annotations: claims({ ...task.spec, parameters: { constructor: {} } }) }),
      'the Job was not made by the operator',
    ],
    'a Job in another namespace than its task says': [
      () => replaceJob({ annotations: claims(elsewhere) }),
      'the Job was not made by the operator',
    ],
    'a Job that speaks for another credential': [
      () =>
        replaceJob({
          annotations: claims({
            ...task.spec,
            credential: { ...task.spec.credential, uid: '6f1c3a52-27d0-4a35-9b0e-3f4f5be2c002' },
          }),
        }),
      'the Job was not made by the operator',
    ],
    'a task whose revocation kit nobody has put into custody': [
      () => {
        api.drop(Secrets, kitOf(task).metadata)
      },
      'the task was not made by the operator',
    ],
  }
  it.each(Object.entries(cases))('%s', async (_, [change, message]) => {
    change()
    await expect(identifyGood()).rejects.toMatchObject({ code: 'not_your_task', message })
  })

  it('only after quorum reads', async () => {
    replacePod({ ownerReferences: [] })
    const cached = testPorts(api, { pods: cacheOf(withMetadata(pod, { ownerReferences: [] })), jobs: cacheOf(job) })
    await expect(identify(cached, 'Bearer good', TASK_ID)).rejects.toMatchObject({ code: 'not_your_task' })
    expect(api.calls).toEqual(['review', `get pods team-a/${pod.metadata.name}`])
  })
})

describe('where nothing is certain', () => {
  it.each(['review', 'get pods', 'get jobs', 'get secrets'])('a failed %s refuses nobody', async (call) => {
    api.meet(call, new ApiError('ServerError', 'etcd has no leader', { code: 500 }))
    await expect(identifyGood()).rejects.toBeInstanceOf(ApiError)
  })
})

it('the labels of a pod prove nothing', async () => {
  const other = jobOf(aTask())
  replacePod({ ownerReferences: [], labels: { [label.task]: TASK_ID, [label.taskUid]: 'task-uid' } })
  api.put(Jobs, other)
  await expect(identifyGood()).rejects.toMatchObject({ code: 'not_your_task' })
})

describe('token reviews', () => {
  /** What lets each review that has been asked for be answered. */
  const held: (() => void)[] = []
  const askTimes = (count: number) => Promise.allSettled(Array.from({ length: count }, identifyGood))
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  const answerAll = async () => {
    // Each answer lets another be asked for, which the loop finds.
    for (const answer of held) {
      answer()
      await settle()
    }
  }

  beforeEach(() => {
    held.length = 0
    const review = api.review.bind(api)
    api.review = async (...request) => {
      await new Promise<void>((resolve) => held.push(resolve))
      return review(...request)
    }
  })

  it('are 64 at a time: who waits has a turn when one is answered', async () => {
    const all = askTimes(70)
    await settle()
    expect(held).toHaveLength(64)
    held[0]?.()
    await settle()
    expect(held).toHaveLength(65)
    await answerAll()
    expect((await all).map(({ status }) => status)).toEqual(Array.from({ length: 70 }, () => 'fulfilled'))
  })

  it('go on where all of them have failed', async () => {
    api.reviews.delete('good')
    const all = askTimes(70)
    await settle()
    await answerAll()
    expect((await all).map(({ status }) => status)).toEqual(Array.from({ length: 70 }, () => 'rejected'))
    const after = askTimes(64)
    await settle()
    expect(held).toHaveLength(70 + 64)
    await answerAll()
    await after
  })

  it('are not waited for by any number: the rest is told to come again', async () => {
    const all = askTimes(64 + 1024)
    await expect(identifyGood()).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 })
    await answerAll()
    expect((await all).filter(({ status }) => status === 'rejected')).toEqual([])
  })
})
