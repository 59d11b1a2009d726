import { request } from 'node:https'
import { annotation, GATEWAY_AUDIENCE } from '../../src/api/labels.ts'
import type { Pod } from '../../src/api/resources.ts'
import type { Ask } from './ask.ts'

/** A run as its container sees it: the environment, and a way to report. */
export interface ContainerRun {
  readonly env: Readonly<Record<string, string>>
  readonly pod: Pod
  /** PUTs to the task gateway with the pod's token. Resolves with status and body. */
  report(body: unknown, token?: string): Promise<{ code: number; body: string }>
}

/** What the provider's container does; resolves with its exit code. */
export type Container = (run: ContainerRun) => Promise<number>

const NODE = 'node-1'
const AS_NODE = { user: `system:node:${NODE}`, groups: ['system:nodes'] }

/**
 * Stands in for the kubelet where there is none: binds the pods of tasks to a node, mints their tokens as that node would,
 * runs `container` in this process, and reports the pods' phases. Everything but the container is the real API server's.
 */
export class Kubelet {
  readonly #ask: Ask
  readonly #container: Container
  readonly #seen = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  #stopped = false
  /** Errors of the stand-in itself: a test that ends with any has shown nothing. */
  readonly failures: unknown[] = []

  constructor(ask: Ask, container: Container) {
    this.#ask = ask
    this.#container = container
  }

  async start(): Promise<this> {
    await this.#ask('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } } })
    void this.#loop()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#poll()
      } catch {
        // The API server may be down on purpose: the next poll asks again.
      }
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  async #poll(): Promise<void> {
    const { body } = await this.#ask('GET', '/api/v1/pods?labelSelector=customcredentials.dev%2Ftask')
    for (const pod of (body['items'] ?? []) as Pod[]) {
      if (pod.metadata.deletionTimestamp !== undefined) await this.#removePod(pod)
      else if (!this.#seen.has(pod.metadata.uid)) {
        this.#seen.add(pod.metadata.uid)
        const run: Promise<void> = this.#run(pod)
          .catch((error: unknown) => void this.failures.push(error))
          .finally(() => this.#running.delete(run))
        this.#running.add(run)
      }
    }
  }

  /** A kubelet removes a pod that is being deleted once its containers have gone. */
  async #removePod({ metadata }: Pod): Promise<void> {
    await this.#ask('DELETE', podPath(metadata), { body: { gracePeriodSeconds: 0 } })
  }

  async #run(pod: Pod): Promise<void> {
    const path = podPath(pod.metadata)
    await this.#ask('POST', `${path}/binding`, {
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: pod.metadata.name },
        target: { kind: 'Node', name: NODE },
      },
    })
    const name = pod.spec?.containers[0]?.name ?? ''
    const startedAt = new Date().toISOString()
    const running = [{ name, image: '', imageID: '', ready: true, restartCount: 0, state: { running: { startedAt } } }]
    await this.#status(path, 'Running', running)
    const token = await this.#mint(pod)
    const exitCode = await this.#container({
      pod,
      env: environmentOf(pod),
      report: (body, other) => report(pod, other ?? token, body),
    })
    const terminated = {
      exitCode,
      reason: exitCode === 0 ? 'Completed' : 'Error',
      startedAt,
      finishedAt: new Date().toISOString(),
    }
    await this.#status(path, exitCode === 0 ? 'Succeeded' : 'Failed', [
      { name, image: '', imageID: '', ready: false, restartCount: 0, state: { terminated } },
    ])
  }

  async #status(path: string, phase: string, containerStatuses: readonly object[]): Promise<void> {
    await this.#ask('PATCH', `${path}/status`, { body: { status: { phase, containerStatuses } } })
  }

  async #mint({ metadata, spec }: Pod): Promise<string> {
    const account = `/api/v1/namespaces/${metadata.namespace ?? ''}/serviceaccounts/${spec?.serviceAccountName ?? 'default'}/token`
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid }
    const { body, message } = await this.#ask('POST', account, {
      as: AS_NODE,
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [GATEWAY_AUDIENCE], boundObjectRef },
      },
    })
    const token = (body['status'] as { token?: string } | undefined)?.token
    if (token === undefined) throw new Error(`no token: ${message}`)
    return token
  }
}

const podPath = ({ namespace, name }: { namespace?: string; name: string }): string =>
  `/api/v1/namespaces/${namespace ?? ''}/pods/${name}`

const environmentOf = (pod: Pod): Record<string, string> =>
  Object.fromEntries((pod.spec?.containers[0]?.env ?? []).map(({ name, value }) => [name, value ?? '']))

function report(pod: Pod, token: string, body: unknown): Promise<{ code: number; body: string }> {
  const env = environmentOf(pod)
  const url = new URL(
    `/api/v2/secrets/${env['SM_SECRET_ID'] ?? ''}/tasks/${env['SM_SECRET_TASK_ID'] ?? ''}`,
    env['SM_INSTANCE_URL'],
  )
  const ca = pod.metadata.annotations?.[annotation.gatewayCa] ?? ''
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', ca, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}
