import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { buildGoProgram } from '../host/go.ts'
import { run, succeeds } from '../host/command.ts'
import { controlGroup } from '../host/control-groups.ts'
import { startDaemon, waitForDaemon } from '../host/daemon.ts'
import type { Progress } from '../host/progress.ts'
import { Engine } from './engine.ts'

/** CAP_SYS_RESOURCE in linux/capability.h. */
const CAP_SYS_RESOURCE = 24n

/**
 * Starts dockerd in process, mount and network namespaces of its own and forwards `apiPort` of this machine's loopback to
 * the same port inside. Needs root and the packages of {@link installPackages}.
 */
export async function startPrivateEngine(folder: string, apiPort: number, progress: Progress): Promise<Engine> {
  const runc = await chooseRunc(progress)
  const script = resolve(import.meta.dirname, 'engine.sh')
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation=private']
  const args = [...namespaces, 'sh', script, folder, String(apiPort), controlGroup(folder), runc]
  startDaemon({ folder, name: 'engine', file: 'unshare', args })
  const env = {
    DOCKER_HOST: `unix://${join(folder, 'docker.sock')}`,
    DOCKER_CONFIG: join(folder, 'docker-client'),
    // Debian's engine has no BuildKit.
    DOCKER_BUILDKIT: '0',
  }
  await waitForDaemon(folder, 'engine', () => succeeds('docker', ['version'], { env }))
  const listen = `TCP-LISTEN:${apiPort},bind=127.0.0.1,reuseaddr,fork`
  startDaemon({ folder, name: 'forward', file: 'socat', args: [listen, `UNIX-CONNECT:${join(folder, 'api.sock')}`] })
  return new Engine(env, false)
}

/** Plain runc, or a wrapper where this machine lacks a capability that privileged containers ask for. */
async function chooseRunc(progress: Progress): Promise<string> {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  if ((BigInt(`0x${bounding}`) >> CAP_SYS_RESOURCE) & 1n) return (await run('which', ['runc'])).trim()
  return buildGoProgram({
    name: 'runc',
    title: 'Building a runc that does without CAP_SYS_RESOURCE',
    module: resolve(import.meta.dirname, '../binaries'),
    package: './runc',
    progress,
  })
}
