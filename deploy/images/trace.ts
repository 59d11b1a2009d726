import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { isBuiltin } from 'node:module'
import ts from 'typescript'

/** Loaded on a developer's machine only: kubeconfig files, and logs for people. An image runs in a cluster. */
const LEFT_OUT = new Set(['@kubernetes/client-node', 'pino-pretty'])

export interface Program {
  /** Compiled modules that the entry point reaches. Absolute paths. */
  readonly modules: ReadonlySet<string>
  /** Folders of the packages that these need, directly or not. Absolute paths. */
  readonly packages: ReadonlySet<string>
}

/** Everything that a compiled entry point loads, told from the imports of its modules and the packages' manifests. */
export function trace(entry: string, root: string): Program {
  const modules = new Set([entry])
  const packages = new Set<string>()
  for (const module of modules) {
    for (const specifier of importsOf(module)) {
      if (specifier.startsWith('.')) modules.add(resolve(dirname(module), specifier))
      else if (!isBuiltin(specifier) && !LEFT_OUT.has(packageOf(specifier))) {
        packages.add(required(packageOf(specifier), root, root))
      }
    }
  }
  // A set yields what is added while it is walked, so that this reaches the packages of packages.
  for (const folder of packages) for (const needed of dependenciesOf(folder, root)) packages.add(needed)
  return { modules, packages }
}

const importsOf = (module: string): string[] =>
  ts.preProcessFile(readFileSync(module, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName)

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

function dependenciesOf(folder: string, root: string): string[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true)
  const needed = [...Object.keys(dependencies), ...peers].filter((name) => !(name in optionalDependencies))
  const optional = Object.keys(optionalDependencies).map((name) => installed(name, folder, root))
  return [...needed.map((name) => required(name, folder, root)), ...optional.filter((found) => found !== undefined)]
}

function required(name: string, from: string, root: string): string {
  const found = installed(name, from, root)
  if (found === undefined)
    throw new Error(`${name}, needed by ${relative(root, from) || 'the program'}, is not installed`)
  return found
}

/** Where Node finds a package from a folder: in the nearest `node_modules` on the way up to `root`. */
function installed(name: string, from: string, root: string): string | undefined {
  const candidate = join(from, 'node_modules', name)
  if (existsSync(join(candidate, 'package.json'))) return candidate
  return from === root ? undefined : installed(name, dirname(from), root)
}
