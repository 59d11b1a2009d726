import { existsSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { buildGoProgram, requiredVersion } from './go.ts'
import { go } from './go-tool.ts'
import { withLock } from './lock.ts'
import type { Progress } from './progress.ts'

const module = resolve(import.meta.dirname, '../binaries')

/** Names by which the multi-call binary (binaries/main.go) may be started. */
export const PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubeadm',
  'kubectl',
  'kubelet',
] as const
export type Program = (typeof PROGRAMS)[number]

/** Version of everything that carries Kubernetes' version, with the leading v. */
export const kubernetesVersion = (): string => requiredVersion(module, 'k8s.io/kubernetes')

/** The Kubernetes programs of both tiers, built on first use; answers with the folder that holds one link for each. */
export async function kubernetesPrograms(progress: Progress): Promise<string> {
  const version = kubernetesVersion()
  const [major, minor] = version.slice(1).split('.')
  const set = (name: string, value: string | undefined): string => `-X k8s.io/component-base/version.${name}=${value}`
  const binary = await buildGoProgram({
    name: 'kubernetes',
    title: `Building Kubernetes ${version} and etcd from source (ten minutes or more, once)`,
    module,
    package: '.',
    ldflags: [set('gitVersion', version), set('gitMajor', major), set('gitMinor', minor)].join(' '),
    progress,
  })
  const folder = dirname(binary)
  await withLock(join(folder, '.links.lock'), async () => {
    for (const program of PROGRAMS) {
      if (!existsSync(join(folder, program))) symlinkSync('kubernetes', join(folder, program))
    }
    return Promise.resolve()
  })
  return folder
}

/** CoreDNS with the plugins of a stock cluster. */
export const coreDns = (progress: Progress): Promise<string> =>
  buildGoProgram({
    name: 'coredns',
    title: 'Building CoreDNS from source (a few minutes, once)',
    // A module of its own: it needs later Kubernetes libraries than the cluster is made of.
    module: join(module, 'coredns'),
    package: '.',
    progress,
  })

/** The process that holds a pod's namespaces open. */
export const pause = (progress: Progress): Promise<string> =>
  buildGoProgram({ name: 'pause', title: 'Building pause from source', module, package: './pause', progress })

const KIND = 'sigs.k8s.io/kind'

/** kind, pinned as a tool of the Go module. */
export const kindProgram = (progress: Progress): Promise<string> =>
  buildGoProgram({
    name: 'kind',
    title: `Building kind ${requiredVersion(module, KIND)} from source (a minute, once)`,
    module,
    package: KIND,
    progress,
  })

/** Folder of kind's own module, which carries the files of its node image. */
export async function kindSources(): Promise<string> {
  const { Dir } = JSON.parse(await go(module, ['mod', 'download', '-json', KIND])) as { Dir: string }
  return Dir
}
