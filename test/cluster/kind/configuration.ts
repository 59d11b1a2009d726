import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { stringify } from 'yaml'

import { AUDIT_POLICY } from '../audit-log.ts'

/** Where things lie in a cluster's folder. */
export const files = (folder: string) => ({
  state: join(folder, 'cluster.json'),
  kubeconfig: join(folder, 'kubeconfig.yaml'),
  config: join(folder, 'kind.yaml'),
  kubectl: join(folder, 'kubectl'),
  /** Mounted into the node. */
  shared: join(folder, 'shared'),
  auditLog: join(folder, 'shared', 'audit.log'),
})

/** {@link files}'s `shared` as the node and the API server's pod see it. */
const SHARED = '/custom-credentials'

export interface KindSettings {
  apiPort: number
  /** False where the node image brings its own pod network. */
  defaultNetwork: boolean
}

/** Writes kind's configuration, and kubeadm's patch that has the API server keep an audit log. */
export function writeConfiguration(folder: string, settings: KindSettings): void {
  const { shared, config } = files(folder)
  mkdirSync(join(shared, 'patches'), { recursive: true })
  writeFileSync(join(shared, 'audit-policy.yaml'), stringify(AUDIT_POLICY))
  // Of all ways to set flags of the API server the one that reads the same in every version of kubeadm's configuration.
  writeFileSync(join(shared, 'patches', 'kube-apiserver+json.yaml'), stringify(apiServerPatch))
  for (const program of ['kube-controller-manager', 'kube-scheduler'])
    writeFileSync(join(shared, 'patches', `${program}+json.yaml`), stringify(loneLeaderPatch))
  writeFileSync(config, stringify(kindConfiguration(shared, settings)))
}

const append = (path: string, value: unknown) => ({ op: 'add', path: `/spec/${path}/-`, value })

const apiServerPatch = [
  append('containers/0/command', `--audit-policy-file=${SHARED}/audit-policy.yaml`),
  append('containers/0/command', `--audit-log-path=${SHARED}/audit.log`),
  append('containers/0/command', '--audit-log-maxsize=1000000'),
  append('containers/0/volumeMounts', { name: 'audit', mountPath: SHARED }),
  append('volumes', { name: 'audit', hostPath: { path: SHARED, type: 'Directory' } }),
]

/** There is one of each: on a slow disk they would lose their leases, end, and be started again a while later. */
const loneLeaderPatch = [append('containers/0/command', '--leader-elect=false')]

const kindConfiguration = (shared: string, { apiPort, defaultNetwork }: KindSettings) => ({
  apiVersion: 'kind.x-k8s.io/v1alpha4',
  kind: 'Cluster',
  networking: {
    apiServerAddress: '127.0.0.1',
    apiServerPort: apiPort,
    disableDefaultCNI: !defaultNetwork,
    kubeProxyMode: 'iptables',
  },
  nodes: [{ role: 'control-plane', extraMounts: [{ hostPath: shared, containerPath: SHARED }] }],
  kubeadmConfigPatches: [
    stringify({ kind: 'InitConfiguration', patches: { directory: `${SHARED}/patches` } }),
    // Machines without a unified cgroup hierarchy are still common.
    // A mounted Secret follows its object at the kubelet's next look at the pod: once a minute unless told otherwise.
    stringify({ kind: 'KubeletConfiguration', failCgroupV1: false, syncFrequency: '5s' }),
  ],
})
