import { copyFileSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { digest, checkout } from '../../host/folders.ts'
import { importDebian, type DebianFiles, type ImageRecipe } from '../images.ts'

/** An image of Debian packages and a Dockerfile in this folder, built `FROM custom-credentials/debian`. */
interface DebianImage extends DebianFiles {
  ref: string
  dockerfile: string
  /** Files that the Dockerfile copies, by their name in the build context. */
  files: Record<string, string>
}

const here = import.meta.dirname
/** The binary of the npm package `node`: the version that this repository pins. */
const nodeBinary = join(checkout, 'node_modules/node/bin/node')

const IMAGES: readonly DebianImage[] = [
  {
    ref: 'node:24-bookworm-slim',
    variant: 'extract',
    packages: ['base-files', 'ca-certificates', 'coreutils', 'dash', 'libc6', 'libgcc-s1', 'libstdc++6', 'tzdata'],
    dockerfile: 'node.Dockerfile',
    files: { node: nodeBinary },
  },
  {
    ref: 'postgres:15',
    variant: 'extract',
    packages: ['base-files', 'coreutils', 'dash', 'postgresql-15', 'tzdata'],
    dockerfile: 'postgres.Dockerfile',
    files: { 'docker-entrypoint.sh': resolve(here, 'postgres-entrypoint.sh') },
  },
]

/** How to build one of the public images that this repository uses; `undefined` for any other name. */
export function publicImage(ref: string): ImageRecipe | undefined {
  const image = IMAGES.find((candidate) => candidate.ref === ref)
  return image && recipe(image)
}

export const NODE_IMAGE = 'node:24-bookworm-slim'

function recipe({ ref, dockerfile, files, ...debian }: DebianImage): ImageRecipe {
  const definition = readFileSync(resolve(here, dockerfile), 'utf8')
  return {
    ref,
    title: `Building ${ref} from Debian packages`,
    inputs: [definition, JSON.stringify(debian), ...Object.values(files).map((file) => digest(readFileSync(file)))],
    build: async (engine, context) => {
      const base = `custom-credentials/debian:${dockerfile.replace('.Dockerfile', '')}`
      await importDebian(engine, base, debian, context)
      for (const [name, file] of Object.entries(files)) copyFileSync(file, join(context, name))
      await engine.docker(['build', '--build-arg', `BASE=${base}`, '--tag', ref, '--file', '-', context], {
        input: definition,
      })
    },
  }
}
