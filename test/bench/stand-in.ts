import { request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { annotation, finalizer, label } from '../../src/api/labels.ts'
import { type Job, Jobs, type Pod } from '../../src/api/resources.ts'
import { createInformer } from '../../src/kube/informer.ts'
import { systemClock as clock, systemRandom as random } from '../../src/runtime/system-clock.ts'
import { silentLogger } from '../support/loggers.ts'
import { completeJob, createPod, mintToken } from './pod-life.ts'
import type { Stage } from './stage.ts'

/** A run as its container saw it. */
export interface Run {
  readonly taskId: string
  readonly type: 'create_credentials' | 'delete_credentials'
  /** Where the credential is: `namespace/name`. */
  readonly credential: string
  /** When the container began to connect to the task gateway; milliseconds since the epoch. */
  readonly reportedAt: number
}

/**
 * Plays the Job controller, the kubelet and the provider's container: for each new Job a pod, a token, within 5 ms a report
 * over a connection of its own, and the Job's completion. The several status writes that a real pod costs are left out.
 */
export class StandIn {
  readonly runs: Run[] = []
  readonly failures: unknown[] = []
  readonly #stage: Stage
  readonly #seen = new Set<string>()
  readonly #released = new Set<string>()
  readonly #stop = new AbortController()
  #watching: Promise<void> | undefined

  constructor(stage: Stage) {
    this.#stage = stage
  }

  async start(): Promise<this> {
    const informer = createInformer<Job>({
      api: this.#stage.admin,
      resource: Jobs,
      labelSelector: label.task,
      indexers: {},
      clock,
      random,
      logger: silentLogger,
    })
    informer.store.subscribe(({ type, object }) => {
      if (type !== 'deleted' && this.#stage.namespaces.includes(object.metadata.namespace ?? '')) this.#attend(object)
    })
    this.#watching = informer.start(this.#stop.signal)
    await informer.synced()
    return this
  }

  /** Jobs that the operator has let go: that is the last write of a task. */
  get released(): number {
    return this.#released.size
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#watching
  }

  #attend(job: Job): void {
    const { uid, finalizers = [] } = job.metadata
    if (!finalizers.includes(finalizer.jobRelease)) this.#released.add(uid)
    if (this.#seen.has(uid)) return
    this.#seen.add(uid)
    this.#run(job).catch((error: unknown) => this.failures.push(error))
  }

  async #run(job: Job): Promise<void> {
    const pod = await createPod(this.#stage, job)
    const [token] = await Promise.all([mintToken(this.#stage, pod), sleep(Math.random() * 5)])
    const { labels, name } = job.metadata
    this.runs.push({
      taskId: name,
      type: labels?.[label.action] as Run['type'],
      credential: `${job.metadata.namespace ?? ''}/${labels?.[label.credential] ?? ''}`,
      reportedAt: Date.now(),
    })
    const code = await report(pod, token)
    if (code !== 200) throw new Error(`the task gateway answered ${code} to the report of ${name}`)
    await completeJob(this.#stage, job, pod)
  }
}

/** Sends the report that the pod's environment asks for. Resolves with the status of the answer. */
function report({ metadata, spec }: Pod, token: string): Promise<number> {
  const env = Object.fromEntries((spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value ?? '']))
  const taskId = env['SM_SECRET_TASK_ID'] ?? ''
  const url = new URL(`/api/v2/secrets/${env['SM_SECRET_ID'] ?? ''}/tasks/${taskId}`, env['SM_INSTANCE_URL'])
  const credentials = { id: `role-${taskId}`, payload: { username: `role-${taskId}`, password: 'x'.repeat(32) } }
  const body =
    env['SM_ACTION'] === 'create_credentials'
      ? { status: 'credentials_created', credentials }
      : { status: 'credentials_deleted' }
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const ca = metadata.annotations?.[annotation.gatewayCa] ?? ''
  return new Promise((resolve, reject) => {
    // Every pod is a process of its own: no connection and no TLS session is shared.
    const sent = request(url, { method: 'PUT', agent: false, ca, headers }, (response) => {
      response.resume()
      response.once('end', () => {
        resolve(response.statusCode ?? 0)
      })
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
