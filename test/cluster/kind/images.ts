import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { run } from '../host/command.ts'
import { cacheFolder, digest } from '../host/folders.ts'
import { withLock } from '../host/lock.ts'
import type { Progress } from '../host/progress.ts'
import type { Engine } from './engine.ts'

/** An image that is built on this machine where it cannot be pulled. */
export interface ImageRecipe {
  /** The name that users write, tag included. */
  ref: string
  title: string
  /** Everything that decides the content; a change makes a new image. */
  inputs: readonly string[]
  /** Leaves the image under its name in the engine. `context` is an empty folder for the files of the build. */
  build(engine: Engine, context: string, progress: Progress): Promise<void>
}

/** Puts the image into the engine: there already, pulled, from the cache, or built and then kept in the cache. */
export async function ensureImage(recipe: ImageRecipe, engine: Engine, progress: Progress): Promise<void> {
  if (await engine.hasOrPulls(recipe.ref)) return
  const key = digest(recipe.ref, ...recipe.inputs).slice(0, 16)
  const archive = join(cacheFolder(), 'images', `${recipe.ref.replaceAll(/[/:]/g, '_')}-${key}.tar`)
  mkdirSync(dirname(archive), { recursive: true })
  await withLock(`${archive}.lock`, async () => {
    if (existsSync(archive)) {
      await progress.step(`Loading ${recipe.ref} from the cache`, () => engine.docker(['load', '--input', archive]))
      return
    }
    await progress.step(recipe.title, async () => {
      await inTemporaryFolder((context) => recipe.build(engine, context, progress))
      const unfinished = `${archive}.unfinished`
      await engine.docker(['save', '--output', unfinished, recipe.ref])
      renameSync(unfinished, archive)
    })
  })
}

export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'custom-credentials-build-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export interface DebianFiles {
  packages: readonly string[]
  /** `extract` unpacks the packages and what they depend on; `essential` is a Debian with its scripts run. */
  variant: 'extract' | 'essential'
}

/** Debian 12: the release of the public image `node:24-bookworm-slim` and the one with PostgreSQL 15. */
export const DEBIAN_RELEASE = 'bookworm'

/** Makes an image with a Debian file system and nothing else in it. */
export async function importDebian(engine: Engine, image: string, files: DebianFiles, folder: string): Promise<void> {
  const tar = join(folder, 'root.tar')
  const include = `--include=${files.packages.join(',')}`
  await run('mmdebstrap', ['--quiet', `--variant=${files.variant}`, include, DEBIAN_RELEASE, tar], {
    nextStep: 'See that apt on this machine reaches a Debian mirror.',
  })
  await engine.docker(['import', tar, image])
  rmSync(tar)
}
