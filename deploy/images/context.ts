import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, extname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { trace } from './trace.ts'

const root = join(import.meta.dirname, '../..')
const dist = join(root, 'dist')
const run = promisify(execFile)

/** The images of this repository: stage of the Dockerfile -> the module that its container starts with. */
export const IMAGES = {
  operator: 'main.js',
  'provider-postgres': 'providers/postgres/main.js',
} as const
export type ImageTarget = keyof typeof IMAGES

/** The folder that a stage of the Dockerfile copies as its `/app`. */
export const contextOf = (target: ImageTarget): string => join(dist, 'images', target)

/**
 * Compiles the sources and lays out what each image holds: the modules that its program reaches and the packages these
 * need. Nothing is installed while an image is built, so that building needs neither npm nor a network.
 */
export async function prepareImages(): Promise<void> {
  await rm(join(dist, 'images'), { recursive: true, force: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  await run(process.execPath, [tsc, '-p', '.config/tsconfig.build.json'], { cwd: root }).catch((error: unknown) => {
    throw new Error(`The sources do not compile:\n${(error as { stdout: string }).stdout}`)
  })
  for (const target of Object.keys(IMAGES) as ImageTarget[]) await layOut(target)
}

async function layOut(target: ImageTarget): Promise<void> {
  const app = contextOf(target)
  const { modules, packages } = trace(join(dist, IMAGES[target]), root)
  await mkdir(app, { recursive: true })
  const { name, version, license, type } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<
    string,
    string
  >
  await writeFile(join(app, 'package.json'), JSON.stringify({ name, version, license, type }, null, 2))
  for (const module of modules) await cp(module, join(app, relative(root, module)))
  for (const folder of packages) {
    await cp(folder, join(app, relative(root, folder)), {
      recursive: true,
      filter: (path) => path === folder || isRun(path),
    })
  }
  // The files keep the modes that they have here, and the container's user is none of this machine's.
  await run('chmod', ['-R', 'a+rX', app])
}

/** A package within a package is copied for itself, if it is needed. */
const UNUSED_FOLDERS = new Set(['node_modules', 'test', 'tests', 'docs', 'benchmarks', 'examples', '.github'])
const UNUSED = new Set(['.ts', '.mts', '.cts', '.map'])

/** Whether a file or folder of a package may be loaded, or is its licence. */
const isRun = (path: string): boolean => !UNUSED.has(extname(path)) && !UNUSED_FOLDERS.has(basename(path))
