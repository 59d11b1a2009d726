import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { cacheFolder, digest } from './folders.ts'
import { go } from './go-tool.ts'
import { withLock } from './lock.ts'
import type { Progress } from './progress.ts'

export interface GoProgram {
  name: string
  /** What a person is told while it is built. */
  title: string
  /** Folder of the Go module. */
  module: string
  /** Package to build, as seen from the module folder. */
  package: string
  ldflags?: string
  progress: Progress
}

/**
 * Builds a static binary into the cache, unless it is there already, and returns its path. The key covers the module's
 * own sources, its locked dependencies, the flags and the Go version. Two processes that need it build it once.
 */
export async function buildGoProgram({ name, title, module, progress, ...build }: GoProgram): Promise<string> {
  const goVersion = await go(module, ['env', 'GOVERSION', 'GOOS', 'GOARCH'])
  const sources = ['go.mod', 'go.sum', ...globSync(join(build.package, '*.go'), { cwd: module }).sort()]
  const contents = sources.map((source) => readFileSync(join(module, source)))
  const key = digest(goVersion, build.package, build.ldflags ?? '', ...sources, ...contents).slice(0, 16)
  const folder = join(cacheFolder(), 'go', `${name}-${key}`)
  const binary = join(folder, name)
  if (existsSync(binary)) return binary
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(binary)) return binary
    const unfinished = `${folder}.unfinished`
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { recursive: true })
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${build.ldflags ?? ''}`]
    await progress.step(title, () =>
      go(module, ['build', ...flags, '-o', join(unfinished, name), build.package], { CGO_ENABLED: '0' }),
    )
    renameSync(unfinished, folder)
    return binary
  })
}

/** The version at which a module's `go.mod` requires another one. */
export function requiredVersion(module: string, dependency: string): string {
  const lines = readFileSync(join(module, 'go.mod'), 'utf8').split('\n')
  const required = lines
    .map((line) => line.split(/\s+/))
    .find((words) => words[1] === dependency && /^v\d/.test(words[2] ?? ''))
  if (required?.[2] === undefined) throw new Error(`${module}/go.mod does not require ${dependency}`)
  return required[2]
}
