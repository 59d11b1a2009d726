import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { attachApiCluster } from '../cluster/index.ts'
import { anOrphan } from './crds-builders.ts'

/** Who asks. The administrator of the cluster impersonates them, so that roles and policies judge them alone. */
export interface Identity {
  readonly user: string
  readonly groups?: readonly string[]
}

export interface Answer {
  readonly code: number
  /** The object, the list or the Status. */
  readonly body: Record<string, unknown>
  /** What a Status says; empty for an object. */
  readonly message: string
  /** `Warning` headers, as Pod Security sends them. */
  readonly warning: string
}

export interface Asked {
  readonly as?: Identity
  readonly body?: unknown
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const cluster = attachApiCluster(inject('apiCluster'))
const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(cluster.caPath) })

export const OPERATOR: Identity = {
  user: 'system:serviceaccount:custom-credentials-system:custom-credentials-operator',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:custom-credentials-system'],
}

/** Base path of the kinds of this project, in a namespace or cluster-wide. */
export const ours = (plural: string, namespace?: string): string =>
  `/apis/customcredentials.dev/v1alpha1/${namespace === undefined ? '' : `namespaces/${namespace}/`}${plural}`

/** One request, by the administrator unless `as` says otherwise. Unknown fields are errors; PATCH is a JSON merge patch. */
export function ask(method: Method, path: string, { as, body }: Asked = {}): Promise<Answer> {
  const url = new URL(path, cluster.url)
  if (method !== 'GET' && method !== 'DELETE') url.searchParams.set('fieldValidation', 'Strict')
  const headers = {
    authorization: `Bearer ${cluster.adminToken}`,
    'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    ...(as && { 'impersonate-user': as.user, 'impersonate-group': ['system:authenticated', ...(as.groups ?? [])] }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const parsed = JSON.parse(Buffer.concat(chunks).toString()) as Answer['body']
        const message = parsed['kind'] === 'Status' && typeof parsed['message'] === 'string' ? parsed['message'] : ''
        const warning = [response.headers['warning'] ?? []].flat().join('\n')
        resolve({ code: response.statusCode ?? 0, body: parsed, message, warning })
      })
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Runs kubectl as the administrator. Rejects if it fails. */
export function kubectl(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(cluster.kubectlPath, ['--kubeconfig', cluster.kubeconfigPath, ...args])
}

const BASE = `${import.meta.dirname}/../../deploy/base`

/** Applies deploy/base, and waits until its kinds are served and its policies in force. Returns what kubectl printed. */
export async function install(): Promise<{ stdout: string; stderr: string }> {
  const printed = await kubectl('apply', '--server-side', '--force-conflicts', '-k', BASE)
  await kubectl('wait', '--for=condition=Established', 'crd', '-l', 'app.kubernetes.io/part-of=custom-credentials')
  await until(async () => (await Promise.all(PROBES.map(isRefused))).every(Boolean))
  return printed
}

/** A request that each policy refuses. */
const PROBES = [
  [
    '/api/v1/namespaces/default/serviceaccounts/default/token',
    { spec: { audiences: ['customcredentials.dev/task-gateway'] } },
  ],
  [
    '/api/v1/namespaces/default/secrets',
    { metadata: { name: 'probe', labels: { 'customcredentials.dev/task': 'probe' } } },
  ],
  [ours('orphanedcredentials'), anOrphan('probe')],
] as const

async function isRefused([path, body]: (typeof PROBES)[number]): Promise<boolean> {
  const { code, message } = await ask('POST', `${path}?dryRun=All`, { body })
  return code === 403 && message.includes('customcredentials.dev')
}

/** Asks again, every 100 ms, until it is so. Rejects after 30 s. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('still not so after 30 s')
}
