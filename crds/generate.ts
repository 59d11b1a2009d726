import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { clusterKind } from './generate-cluster-kind.ts'
import { typesOf } from './generate-types.ts'

const ROOT = `${import.meta.dirname}/..`
const KINDS = [
  'customcredentials',
  'secrettasks',
  'credentialsproviders',
  'clustercredentialsproviders',
  'orphanedcredentials',
] as const

const source = (path: string): string => readFileSync(`${ROOT}/crds/${path}.yaml`, 'utf8')

/** Every generated file, by its path in the repository, formatted as the repository is. */
export async function generated(): Promise<Readonly<Record<string, string>>> {
  const cluster = clusterKind(source('credentialsproviders'), source('overlay/clustercredentialsproviders'))
  const crds = KINDS.map((kind) => (kind === 'clustercredentialsproviders' ? cluster : source(kind)))
  const files = { 'crds/clustercredentialsproviders.yaml': cluster, 'src/api/generated.ts': typesOf(crds) }
  const style = await resolveConfig(`${ROOT}/package.json`)
  const formatted = Object.entries(files).map(
    async ([path, text]) => [path, await format(text, { ...style, filepath: path })] as const,
  )
  return Object.fromEntries(await Promise.all(formatted))
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generated())) writeFileSync(`${ROOT}/${path}`, text)
}
