import { describe, expect, it } from 'vitest'
import { annotation } from '../../../src/api/labels.ts'
import { type Job, Jobs } from '../../../src/api/resources.ts'
import { stopJob } from '../../../src/secret-task/stop.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { aTask, jobOf, podOf } from '../../support/task-run.ts'

const JOB = jobOf(aTask())
const container = (name: string, state: object) => ({
  name,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
})
const known: Job[] = []
const portsTo = (api: FakeApi) => ({ api, caches: { jobs: { remember: (job: Job) => known.push(job) } } })
const path = `jobs ${JOB.metadata.namespace ?? ''}/${JOB.metadata.name}`

describe('a Job that is stopped', () => {
  it('is deleted', async () => {
    const api = new FakeApi()
    const job = api.put(Jobs, JOB)
    await stopJob(portsTo(api), job, [])
    expect(api.writes).toEqual([`remove ${path}`, `patch ${path}`])
  })

  it('is left alone where it has changed since it was seen, and is seen to be stopped by nothing but a deletion', async () => {
    const api = new FakeApi()
    const stale = api.put(Jobs, JOB)
    const changed = api.put(Jobs, { ...JOB, metadata: { ...JOB.metadata, labels: { seen: 'not yet' } } })
    await stopJob(portsTo(api), stale, [])
    expect(api.peek(Jobs, JOB.metadata)).toEqual(changed)
  })

  it('remembers that its provider was done: the pod will not be there to tell', async () => {
    const api = new FakeApi()
    const beside = [container('proxy', { running: {} }), container('provider', { terminated: { exitCode: 0 } })]
    const pod = { ...podOf(JOB), status: { phase: 'Running', containerStatuses: beside } }
    const seen = api.put(Jobs, JOB)
    // Our finalizer holds it, which the fake knows nothing of.
    api.meet('patch', () => api.put(Jobs, JOB))
    await stopJob(portsTo(api), seen, [pod])
    expect(api.peek(Jobs, JOB.metadata)?.metadata.annotations).toMatchObject({ [annotation.stopped]: 'done' })
    expect(known).toEqual([api.peek(Jobs, JOB.metadata)])
  })

  it('is not deleted once more', async () => {
    const api = new FakeApi()
    const deletionTimestamp = '2026-01-01T00:00:00Z'
    const metadata = { ...JOB.metadata, deletionTimestamp, annotations: { [annotation.stopped]: 'true' } }
    const job = api.put<Job>(Jobs, { ...JOB, metadata })
    await stopJob(portsTo(api), job, [])
    expect(api.writes).toEqual([])
  })
})
