import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { asker, type Identity } from '../support/ask.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { anOrphan } from './crds-builders.ts'

export type { Answer, Identity, Method } from '../support/ask.ts'

const cluster = ownCluster()
export const ask = asker(cluster)

export const OPERATOR: Identity = {
  user: 'system:serviceaccount:custom-credentials-system:custom-credentials-operator',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:custom-credentials-system'],
}

/** Base path of the kinds of this project, in a namespace or cluster-wide. */
export const ours = (plural: string, namespace?: string): string =>
  `/apis/customcredentials.dev/v1alpha1/${namespace === undefined ? '' : `namespaces/${namespace}/`}${plural}`

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

/** Asks again, every 100 ms, until it is so. Rejects after a minute. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('still not so after a minute')
}
