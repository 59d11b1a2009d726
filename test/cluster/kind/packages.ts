import { existsSync } from 'node:fs'

import { run, succeeds } from '../host/command.ts'
import { ClusterFailure } from '../host/failure.ts'
import type { Progress } from '../host/progress.ts'

/** A command that an engine of our own or the building of its images needs, and Debian's package that has it. */
const PACKAGES: Record<string, string> = {
  docker: 'docker.io',
  dockerd: 'docker.io',
  runc: 'runc',
  containerd: 'containerd',
  iptables: 'iptables',
  ip: 'iproute2',
  socat: 'socat',
  mmdebstrap: 'mmdebstrap',
}

/** Installs what is missing; says exactly what that is where it may not. */
export async function installPackages(progress: Progress): Promise<void> {
  const missing = new Set<string>()
  for (const [command, debianPackage] of Object.entries(PACKAGES)) {
    if (!(await isOnPath(command))) missing.add(debianPackage)
  }
  if (missing.size > 0) await installFromDebian([...missing], progress)
}

/** Debian's packages by name. Needs root; the failure says what to run where that is missing. */
export async function installFromDebian(names: readonly string[], progress: Progress): Promise<void> {
  const install = `apt-get install --no-install-recommends ${names.join(' ')}`
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const nextStep = `As root, run: ${install}`
  await progress.step(`Installing Debian packages: ${names.join(' ')}`, async () => {
    await run('apt-get', ['update'], { env, nextStep })
    await run('apt-get', ['install', '--yes', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...names], {
      env,
      nextStep,
    })
  })
}

/** @throws ClusterFailure where this machine can neither run kind by a Docker engine nor have one of our own. */
export function requireDebianRoot(reason: string): void {
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) return
  throw new ClusterFailure(
    `the kind tier cannot run here: ${reason}`,
    'Start a Docker engine that can pull kind’s node image, or run as root on Debian, where one is made on the machine.',
  )
}

/** Administrator's commands included, which are not on every user's PATH. */
const isOnPath = (command: string): Promise<boolean> =>
  succeeds('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${command}`])
