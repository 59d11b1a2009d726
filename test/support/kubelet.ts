import { request } from 'node:https'
import { annotation, GATEWAY_AUDIENCE } from '../../src/api/labels.ts'
import type { Pod } from '../../src/api/resources.ts'
import type { Answer, Ask } from './ask.ts'

/** A run as its container sees it: the environment, and a way to report. */
export interface ContainerRun {
  readonly env: Readonly<Record<string, string>>
  readonly pod: Pod
  /** Aborted when the pod is deleted: what is killed does nothing more. */
  readonly killed: AbortSignal
  /** PUTs to the task gateway with the pod's token, or with another one or none (''). Resolves with status and body. */
  readonly report: (body: unknown, token?: string) => Promise<Reported>
  /** Of the pod, for the task gateway. */
  readonly token: string
}

export interface Reported {
  readonly code: number
  readonly body: string
}

/** What the provider's container does; resolves with its exit code. Rejecting because it was `killed` is fine. */
export type Container = (run: ContainerRun) => Promise<number>

const POLL_MS = 100

/** The stand-in cannot pull an image with this name. */
export const MISSING_IMAGE = 'missing:1'

/** What a kubelet says of a container that it has never started. */
const NEVER_BEGUN = { exitCode: 137, reason: 'ContainerStatusUnknown' }

const NODE = 'node-1'
const AS_NODE = { user: `system:node:${NODE}`, groups: ['system:nodes'] }

/**
 * Pods of tasks, apart from those that have come to their end: the API server removes these by itself. From its memory, as a
 * kubelet's watch: asked for so often, they would else be its main work.
 */
const UNFINISHED =
  '/api/v1/pods?resourceVersion=0&labelSelector=customcredentials.dev%2Ftask&fieldSelector=status.phase!%3DSucceeded,status.phase!%3DFailed'

/**
 * Stands in for the kubelet where there is none: binds the pods of tasks to a node, mints their tokens as that node would,
 * runs `container` in this process, reports the pods' phases, and removes a pod that is being deleted once its container
 * has gone. Everything but the container is the real API server's.
 */
export class Kubelet {
  readonly #ask: Ask
  readonly #container: Container
  readonly #runs = new Map<string, { kill: AbortController; ended: Promise<void> }>()
  #polling: Promise<void> = Promise.resolve()
  #stopped = false
  /** UIDs of the Jobs of which a pod was ever started here, by task ID. */
  readonly jobsRun = new Map<string, Set<string>>()
  /** Errors of the stand-in itself: a test that ends with any has shown nothing. */
  readonly failures: unknown[] = []

  constructor(ask: Ask, container: Container) {
    this.#ask = ask
    this.#container = container
  }

  async start(): Promise<this> {
    await this.#ask('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } } })
    this.#polling = this.#loop()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#polling
    for (const { kill } of this.#runs.values()) kill.abort()
    await Promise.all([...this.#runs.values()].map(({ ended }) => ended))
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#poll()
      } catch {
        // The API server may be down on purpose: the next poll asks again.
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  async #poll(): Promise<void> {
    const { body } = await this.#ask('GET', UNFINISHED)
    for (const pod of (body['items'] ?? []) as Pod[]) {
      if (pod.metadata.deletionTimestamp !== undefined) void this.#remove(pod)
      else if (!this.#runs.has(pod.metadata.uid)) this.#begin(pod)
    }
  }

  #begin(pod: Pod): void {
    const kill = new AbortController()
    const ended = this.#run(pod, kill.signal).catch(async (error: unknown) => {
      if (!kill.signal.aborted) this.failures.push(error)
      // Killed before its container began, it has come to its end all the same.
      else await this.#status(pod, 'Failed', { terminated: NEVER_BEGUN }).catch(() => undefined)
    })
    this.#runs.set(pod.metadata.uid, { kill, ended })
  }

  async #remove(pod: Pod): Promise<void> {
    const run = this.#runs.get(pod.metadata.uid)
    run?.kill.abort()
    await run?.ended
    await this.#delete(pod)
  }

  async #delete({ metadata }: Pod): Promise<void> {
    await this.#ask('DELETE', podPath(metadata), { body: { gracePeriodSeconds: 0 } }).catch(() => undefined)
  }

  async #run(pod: Pod, killed: AbortSignal): Promise<void> {
    const { namespace = '', name } = pod.metadata
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { kind: 'Node', name: NODE } }
    const { code } = await this.#ask('POST', `${podPath(pod.metadata)}/binding`, { body: binding })
    // Gone since it was listed: no kubelet would have heard of it, and it has no token to wait for.
    if (code === 404) return
    if (pod.spec?.containers[0]?.image === MISSING_IMAGE) {
      const waiting = { reason: 'ErrImagePull', message: `pull access denied for ${MISSING_IMAGE}` }
      await this.#status(pod, 'Pending', { waiting })
      await new Promise((resolve) => {
        killed.addEventListener('abort', resolve)
      })
      killed.throwIfAborted()
    }
    const startedAt = new Date().toISOString()
    await this.#status(pod, 'Running', { running: { startedAt } })
    const token = await this.#mint(namespace, pod, killed)
    killed.throwIfAborted()
    this.#note(pod)
    const exitCode = await this.#exitOf(pod, token, killed)
    const reason = exitCode === 0 ? 'Completed' : 'Error'
    const terminated = { exitCode, reason, startedAt, finishedAt: new Date().toISOString() }
    const { body } = await this.#status(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { terminated })
    // Told to go while it worked, it is not among the unfinished any more.
    if ((body as Partial<Pod>).metadata?.deletionTimestamp !== undefined) await this.#delete(pod)
  }

  #note({ metadata: { labels, ownerReferences } }: Pod): void {
    const task = labels?.['customcredentials.dev/task'] ?? ''
    const jobs = this.jobsRun.get(task) ?? new Set()
    this.jobsRun.set(task, jobs.add(ownerReferences?.[0]?.uid ?? ''))
  }

  async #exitOf(pod: Pod, token: string, killed: AbortSignal): Promise<number> {
    try {
      return await this.#container({
        pod,
        env: environmentOf(pod),
        killed,
        token,
        report: (body, other) => {
          killed.throwIfAborted()
          return report(pod, other ?? token, body)
        },
      })
    } catch (error) {
      if (killed.aborted) return 137
      throw error
    }
  }

  #status({ metadata, spec }: Pod, phase: string, state: object): Promise<Answer> {
    const name = spec?.containers[0]?.name ?? ''
    const containerStatuses = [{ name, image: '', imageID: '', ready: false, restartCount: 0, state }]
    return this.#ask('PATCH', `${podPath(metadata)}/status`, { body: { status: { phase, containerStatuses } } })
  }

  /** The API server learns which pods are on the node through a watch of its own: it may not know yet. */
  async #mint(namespace: string, { metadata, spec }: Pod, killed: AbortSignal): Promise<string> {
    const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${spec?.serviceAccountName ?? 'default'}/token`
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid }
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [GATEWAY_AUDIENCE], boundObjectRef },
    }
    let refusal = ''
    for (let attempt = 0; attempt < 500 && !killed.aborted; attempt++) {
      const answer = await this.#ask('POST', account, { as: AS_NODE, body })
      const token = (answer.body['status'] as { token?: string } | undefined)?.token
      if (token !== undefined) return token
      refusal = answer.message
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`no token: ${refusal}`)
  }
}

const podPath = ({ namespace, name }: { namespace?: string; name: string }): string =>
  `/api/v1/namespaces/${namespace ?? ''}/pods/${name}`

const environmentOf = (pod: Pod): Record<string, string> =>
  Object.fromEntries((pod.spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value ?? '']))

function report(pod: Pod, token: string, body: unknown): Promise<Reported> {
  const env = environmentOf(pod)
  const url = new URL(
    `/api/v2/secrets/${env['SM_SECRET_ID'] ?? ''}/tasks/${env['SM_SECRET_TASK_ID'] ?? ''}`,
    env['SM_INSTANCE_URL'],
  )
  const ca = pod.metadata.annotations?.[annotation.gatewayCa] ?? ''
  const headers = { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', ca, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
