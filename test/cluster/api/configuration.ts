import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { AUDIT_POLICY } from '../audit-log.ts'

/** A user that the API server knows by a fixed token. */
export interface User {
  token: string
  kubeconfigPath: string
}

/** Everything that says where a cluster of this tier is and how to talk to it; lies as `cluster.json` in its folder. */
export interface ApiClusterState {
  folder: string
  binFolder: string
  url: string
  apiPort: number
  etcdPort: number
  etcdPeerPort: number
  users: Record<string, User>
  /** etcd holds all objects as JSON, so that whoever watches it can read them. */
  readable: boolean
}

/** Where things lie in a cluster's folder. */
export const files = (folder: string) => ({
  state: join(folder, 'cluster.json'),
  certificates: join(folder, 'certificates'),
  /** The API server makes it at its first start and keeps it: its own certificate, followed by that of its authority. */
  authority: join(folder, 'certificates', 'apiserver.crt'),
  serviceAccountKey: join(folder, 'certificates', 'service-account.key'),
  tokens: join(folder, 'tokens.csv'),
  auditPolicy: join(folder, 'audit-policy.yaml'),
  auditLog: join(folder, 'audit.log'),
  etcd: join(folder, 'etcd'),
})

/** Users of every cluster: all rights, and the controller manager with the role that stock clusters give it. */
const SYSTEM_USERS: Record<string, string[]> = {
  admin: ['system:masters'],
  'system:kube-controller-manager': [],
}

export const newUsers = (folder: string, names: readonly string[]): Record<string, User> =>
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        token: randomBytes(16).toString('hex'),
        kubeconfigPath: join(folder, 'kubeconfigs', `${name.replaceAll(':', '-')}.yaml`),
      },
    ]),
  )

export const userGroups = (extra: Record<string, string[]>): Record<string, string[]> => ({ ...SYSTEM_USERS, ...extra })

/** Writes all that the programs read at their start. */
export function writeConfiguration(state: ApiClusterState, groups: Record<string, string[]>): void {
  const path = files(state.folder)
  mkdirSync(path.certificates, { recursive: true })
  mkdirSync(join(state.folder, 'kubeconfigs'))
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  writeFileSync(path.serviceAccountKey, key.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 })
  const tokens = Object.entries(state.users).map(
    ([name, { token }]) => `${token},${name},${name},"${(groups[name] ?? []).join(',')}"\n`,
  )
  writeFileSync(path.tokens, tokens.join(''), { mode: 0o600 })
  writeFileSync(path.auditPolicy, stringify(AUDIT_POLICY))
  for (const [name, user] of Object.entries(state.users)) {
    writeFileSync(user.kubeconfigPath, stringify(kubeconfig(state, name, user.token)), { mode: 0o600 })
  }
  writeFileSync(path.state, JSON.stringify(state, null, 2), { mode: 0o600 })
}

const kubeconfig = (state: ApiClusterState, name: string, token: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    { name: 'api-tier', cluster: { server: state.url, 'certificate-authority': files(state.folder).authority } },
  ],
  users: [{ name, user: { token } }],
  contexts: [{ name: 'api-tier', context: { cluster: 'api-tier', user: name, namespace: 'default' } }],
  'current-context': 'api-tier',
})
