import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { coreDns, kindSources, kubernetesPrograms, kubernetesVersion, pause } from '../../host/binaries.ts'
import { run } from '../../host/command.ts'
import type { Progress } from '../../host/progress.ts'
import type { Engine } from '../engine.ts'
import { importDebian, inTemporaryFolder, type DebianFiles, type ImageRecipe } from '../images.ts'

const dockerfile = (name: string): string => readFileSync(resolve(import.meta.dirname, `${name}.Dockerfile`), 'utf8')

const NODE: DebianFiles = {
  variant: 'essential',
  packages: [
    ...['systemd', 'systemd-sysv', 'dbus', 'kmod', 'mount', 'procps', 'jq', 'curl', 'ca-certificates'],
    ...['iproute2', 'iptables', 'nftables', 'conntrack', 'ethtool', 'socat'],
    ...['containerd', 'runc', 'containernetworking-plugins'],
  ],
}
const KUBE_PROXY: DebianFiles = { variant: 'extract', packages: ['coreutils', 'dash', 'iptables'] }

/** Pods of the one node, by Debian's own plugins: kind's network provider comes as an image only. */
const NETWORK = {
  cniVersion: '0.4.0',
  name: 'bridge',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isDefaultGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.0.0/24' }]] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
}

/** kind's node image, from this machine's own builds and Debian's packages. */
export async function kindNodeImage(progress: Progress): Promise<ImageRecipe> {
  const sources = {
    kubernetes: join(await kubernetesPrograms(progress), 'kubernetes'),
    coredns: await coreDns(progress),
    pause: await pause(progress),
    kind: await kindSources(),
  }
  const definitions = ['kind-node', 'kubernetes', 'static'].map(dockerfile)
  const settings = [NODE, KUBE_PROXY, NETWORK].map((value) => JSON.stringify(value))
  const ref = `custom-credentials/kind-node:${kubernetesVersion()}`
  return {
    ref,
    title: 'Building the node image of kind (a minute or two, once)',
    inputs: [...definitions, ...settings, ...Object.values(sources)],
    build: async (engine, context, steps) => {
      const tags = await imageTags(dirname(sources.kubernetes))
      const images = join(context, 'images.tar')
      await steps.step('Images of the control plane', () => buildClusterImages(engine, sources, tags, images))
      await steps.step('Debian packages of the node', () =>
        importDebian(engine, 'custom-credentials/debian:kind-node', NODE, context),
      )
      await steps.step('File system of the node', () => buildNode(engine, context, sources, tags))
      await steps.step('Images into the node', () => preloadImages(engine, images, ref))
    },
  }
}

interface Sources {
  kubernetes: string
  coredns: string
  pause: string
  kind: string
}

/** The names under which kubeadm will ask for its images, by the program in them. */
async function imageTags(programs: string): Promise<{ kubernetes: string[]; coredns: string; pause: string }> {
  const args = ['config', 'images', 'list', '--kubernetes-version', kubernetesVersion()]
  const names = (await run(join(programs, 'kubeadm'), args)).trim().split('\n')
  const named = (part: string): string => {
    const name = names.find((candidate) => candidate.includes(part))
    if (name === undefined) throw new Error(`kubeadm asks for no image with ${part} in its name`)
    return name
  }
  const [coredns, pauseName] = [named('/coredns'), named('/pause')]
  return { kubernetes: names.filter((name) => name !== coredns && name !== pauseName), coredns, pause: pauseName }
}

type Tags = Awaited<ReturnType<typeof imageTags>>

async function buildClusterImages(engine: Engine, sources: Sources, tags: Tags, archive: string): Promise<void> {
  const build = (context: string, name: string, args: string[], all: string[]): Promise<string> =>
    engine.docker(['build', ...all.flatMap((tag) => ['--tag', tag]), ...args, '--file', '-', context], {
      input: dockerfile(name),
    })
  await inTemporaryFolder(async (context) => {
    const base = 'custom-credentials/debian:kubernetes'
    await importDebian(engine, base, KUBE_PROXY, context)
    copyFileSync(sources.kubernetes, join(context, 'kubernetes'))
    await build(context, 'kubernetes', ['--build-arg', `BASE=${base}`], tags.kubernetes)
  })
  for (const [program, tag] of [
    ['coredns', tags.coredns],
    ['pause', tags.pause],
  ] as const) {
    await build(dirname(sources[program]), 'static', ['--build-arg', `PROGRAM=${program}`], [tag])
  }
  await engine.docker(['save', '--output', archive, ...tags.kubernetes, tags.coredns, tags.pause])
}

async function buildNode(engine: Engine, folder: string, sources: Sources, tags: Tags): Promise<void> {
  const context = join(folder, 'node')
  mkdirSync(context)
  cpSync(join(sources.kind, 'images/base/files'), join(context, 'files'), { recursive: true })
  // The module cache is read-only.
  await run('chmod', ['-R', 'u+w', context])
  copyFileSync(sources.kubernetes, join(context, 'kubernetes'))
  writeFileSync(join(context, 'bridge.conflist'), JSON.stringify(NETWORK))
  const values = { BASE: 'custom-credentials/debian:kind-node', VERSION: kubernetesVersion(), PAUSE: tags.pause }
  const args = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
  await engine.docker(['build', ...args, '--tag', UNLOADED, '--file', '-', context], { input: dockerfile('kind-node') })
}

const UNLOADED = 'custom-credentials/kind-node:without-images'

/** As `kind build node-image` does: a container of the image runs containerd, takes the images in and is committed. */
async function preloadImages(engine: Engine, archive: string, ref: string): Promise<void> {
  const run = ['run', '--detach', '--privileged', '--entrypoint', 'containerd', UNLOADED]
  const container = (await engine.docker(run)).trim()
  try {
    const wait = 'until ctr version >/dev/null 2>&1; do sleep 0.1; done'
    const load = 'ctr --namespace=k8s.io images import --all-platforms --no-unpack --digests -'
    await engine.docker(['exec', '--interactive', container, 'timeout', '120', 'sh', '-c', `${wait}; ${load}`], {
      input: { file: archive },
    })
    await engine.docker(['stop', container])
    const entrypoint = 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]'
    await engine.docker(['commit', '--change', entrypoint, container, ref])
  } finally {
    await engine.docker(['rm', '--force', '--volumes', container])
  }
}
