import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { run, succeeds } from './command.ts'
import { cacheFolder } from './folders.ts'

/** The public image that stands in for Go on a machine that has Docker and a registry instead. */
const GO_IMAGE = 'golang:1.26'

/** Runs `go` in a module's folder: the machine's own, or the one in a container, with the same paths in both. */
export async function go(module: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const options = { cwd: module, env, nextStep: GO_NEEDED }
  if ((await succeeds('go', ['version'])) || !(await succeeds('docker', ['version']))) return run('go', args, options)
  const cache = cacheFolder()
  const settings = {
    HOME: '/tmp',
    GOMODCACHE: join(cache, 'go-modules'),
    GOCACHE: join(cache, 'go-build'),
    ...env,
  }
  mkdirSync(cache, { recursive: true })
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  const mounts = [`${module}:${module}:ro`, `${cache}:${cache}`].flatMap((mount) => ['--volume', mount])
  const variables = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  const container = ['run', '--rm', '--user', user, ...mounts, ...variables, '--workdir', module, GO_IMAGE]
  return run('docker', [...container, 'go', ...args], { nextStep: GO_NEEDED })
}

const GO_NEEDED =
  'Install Go 1.26 or newer (https://go.dev/doc/install), which must reach its module proxy; or start a Docker engine that can pull images.'
