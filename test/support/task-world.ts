import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SecretTask } from '../../src/api/generated.ts'
import { GATEWAY_AUDIENCE, label } from '../../src/api/labels.ts'
import { Jobs, Pods, Secrets, SecretTasks, type Pod } from '../../src/api/resources.ts'
import { createTaskId } from '../../src/api/task-id.ts'
import { kitManifest, kitName } from '../../src/custody/kit.ts'
import type { KubeApi } from '../../src/kube/port.ts'
import { jobManifest } from '../../src/secret-task/job.ts'
import type { Ask } from './ask.ts'

const NODE = 'gateway-test-node'
const run = { kind: 'CredentialsProvider', name: 'postgres', uid: 'provider-uid', generation: 1 } as const

export interface RunningTask {
  readonly task: SecretTask
  readonly pod: Pod
  /** A token of the pod, as its node mints it. */
  readonly token: string
}

/** Task, kit, Job and pod as they are while a provider runs: made by the operator's rights and the real Job controller. */
export class TaskWorld {
  readonly #ask: Ask
  readonly #operator: KubeApi
  readonly #custody: string
  readonly #namespace: string

  constructor(options: { ask: Ask; operator: KubeApi; custody: string; namespace: string }) {
    this.#ask = options.ask
    this.#operator = options.operator
    this.#custody = options.custody
    this.#namespace = options.namespace
  }

  async start(): Promise<RunningTask> {
    // Pods of a node that does not exist are taken away after a while.
    await this.#ask('POST', '/api/v1/nodes', { body: { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } } })
    const task = await this.#claimed()
    const gateway = { url: 'https://localhost', ca: 'made for the test' }
    const template = { spec: { containers: [{ name: 'provider', image: 'registry.invalid/none' }] } }
    await this.#operator.create(Jobs, jobManifest({ task, template, gateway }))
    const pod = await this.#podOf(task)
    await this.#ask('POST', `/api/v1/namespaces/${this.#namespace}/pods/${pod.metadata.name}/binding`, {
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: pod.metadata.name },
        target: { kind: 'Node', name: NODE },
      },
    })
    return { task, pod, token: await this.mint(pod, GATEWAY_AUDIENCE) }
  }

  async #claimed(): Promise<SecretTask> {
    const namespace = this.#namespace
    const credential = { namespace, name: 'orders-database', uid: randomUUID() }
    const pinned = { provider: run, parameters: {}, jobNamespace: namespace, timeoutSeconds: 600 }
    const kit = {
      ...pinned,
      template: {},
      outputs: [{ name: 'password', type: 'string', required: true }],
      capabilities: [],
    } as const
    await this.#operator.create(Secrets, kitManifest(this.#custody, credential, kit))
    const made = await this.#operator.create(SecretTasks, {
      apiVersion: 'customcredentials.dev/v1alpha1',
      kind: 'SecretTask',
      metadata: { namespace, name: createTaskId(credential.uid, { version: 1, attempt: 1 }) },
      spec: {
        type: 'create_credentials',
        trigger: 'secret_creation',
        credential,
        version: 1,
        attempt: 1,
        kit: kitName(credential.uid, pinned),
        ...pinned,
      },
    })
    return await this.#operator.patch(SecretTasks, made.metadata, {
      subresource: 'status',
      operations: [{ op: 'add', path: '/status', value: { state: 'processing', startedAt: new Date().toISOString() } }],
    })
  }

  async #podOf({ metadata: { name } }: SecretTask): Promise<Pod> {
    const labelSelector = `job-name=${name}`
    return await soon(`a pod of the Job ${name}`, async () => {
      const { items } = await this.#operator.list(Pods, { namespace: this.#namespace, labelSelector })
      return items[0]
    })
  }

  /** A token bound to the pod: for the gateway's audience as the node mints it, for any other as an administrator may. */
  async mint({ metadata, spec }: Pod, audience: string): Promise<string> {
    const account = `/api/v1/namespaces/${metadata.namespace ?? ''}/serviceaccounts/${spec?.serviceAccountName ?? ''}/token`
    const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid }
    const node = { user: `system:node:${NODE}`, groups: ['system:nodes'] }
    // The API server learns a moment later than the pod itself on which node it is.
    return await soon(`a token for ${audience}`, async () => {
      const { body } = await this.#ask('POST', account, {
        ...(audience === GATEWAY_AUDIENCE && { as: node }),
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { audiences: [audience], boundObjectRef },
        },
      })
      return (body['status'] as { token?: string } | undefined)?.token
    })
  }

  /** Ends a pod as its node does, and takes it away. */
  async end({ metadata: { name } }: Pod): Promise<void> {
    const path = `/api/v1/namespaces/${this.#namespace}/pods/${name}`
    await this.#ask('PATCH', `${path}/status`, { body: { status: { phase: 'Failed' } } })
    await this.#ask('DELETE', path, { body: { gracePeriodSeconds: 0 } })
    await soon(`the end of the pod ${name}`, async () =>
      (await this.#ask('GET', path)).code === 404 ? true : undefined,
    )
  }

  /** Releases the Jobs, which hold the namespace, and removes what lies in custody. */
  async clear(): Promise<void> {
    for (const { metadata } of (await this.#operator.list(Jobs, { namespace: this.#namespace })).items) {
      await this.#operator.patch(Jobs, metadata, { operations: [{ op: 'remove', path: '/metadata/finalizers' }] })
    }
    const selector = `labelSelector=${encodeURIComponent(label.credential)}=orders-database`
    await this.#ask('DELETE', `/api/v1/namespaces/${this.#custody}/secrets?${selector}`)
  }
}

/** Asks every 100 ms, for 30 s at most. */
async function soon<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`there was not ${what} within 30 s`)
}

/** The same token, genuinely signed, as it would be an hour after it has expired. */
export function expired(token: string, clusterFolder: string): string {
  const [header = '', payload = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iat: number; nbf: number; exp: number }
  const past = Math.floor(Date.now() / 1000) - 3600
  const aged = { ...claims, iat: past - 600, nbf: past - 600, exp: past }
  const text = `${header}.${Buffer.from(JSON.stringify(aged)).toString('base64url')}`
  const key = createPrivateKey(readFileSync(join(clusterFolder, 'certificates', 'service-account.key')))
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}
