import { join } from 'node:path'

import { startDaemon } from '../host/daemon.ts'
import type { Program } from '../host/binaries.ts'
import { files, type ApiClusterState } from './configuration.ts'

/** The three daemons of a cluster without nodes. */
export type ApiTierProgram = Extract<Program, 'etcd' | 'kube-apiserver' | 'kube-controller-manager'>

export function startProgram(state: ApiClusterState, name: ApiTierProgram): void {
  startDaemon({ folder: state.folder, name, file: join(state.binFolder, name), args: flags[name](state) })
}

const flags: Record<ApiTierProgram, (state: ApiClusterState) => string[]> = {
  etcd: ({ folder, etcdPort, etcdPeerPort }) => [
    `--data-dir=${files(folder).etcd}`,
    // The data dies with the cluster: nothing is gained by waiting for the disk at each write.
    '--unsafe-no-fsync',
    `--listen-client-urls=${loopback(etcdPort)}`,
    `--advertise-client-urls=${loopback(etcdPort)}`,
    `--listen-peer-urls=${loopback(etcdPeerPort)}`,
    `--initial-advertise-peer-urls=${loopback(etcdPeerPort)}`,
    `--initial-cluster=default=${loopback(etcdPeerPort)}`,
    '--log-level=warn',
  ],
  'kube-apiserver': ({ folder, apiPort, etcdPort, url, readable }) => {
    const path = files(folder)
    return [
      `--etcd-servers=${loopback(etcdPort)}`,
      ...(readable ? ['--storage-media-type=application/json'] : []),
      '--bind-address=127.0.0.1',
      `--secure-port=${apiPort}`,
      `--cert-dir=${path.certificates}`,
      // The endpoints of the service "kubernetes" may not be loopback, and here is no pod that would use them.
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.96.0.0/16',
      `--token-auth-file=${path.tokens}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      `--service-account-issuer=${url}`,
      `--service-account-key-file=${path.serviceAccountKey}`,
      `--service-account-signing-key-file=${path.serviceAccountKey}`,
      '--api-audiences=kubernetes',
      `--audit-policy-file=${path.auditPolicy}`,
      `--audit-log-path=${path.auditLog}`,
      // In MB. Without it the log is cut off and renamed at 100 MB, and requests would go uncounted.
      '--audit-log-maxsize=1000000',
    ]
  },
  'kube-controller-manager': ({ folder, users }) => [
    `--kubeconfig=${users['system:kube-controller-manager']?.kubeconfigPath ?? ''}`,
    `--root-ca-file=${files(folder).authority}`,
    `--service-account-private-key-file=${files(folder).serviceAccountKey}`,
    '--use-service-account-credentials',
    '--leader-elect=false',
    // One account for each of its 40 controllers: at the default of 20 requests a second that alone takes some seconds.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '--secure-port=0',
  ],
}

export const loopback = (port: number): string => `http://127.0.0.1:${port}`
