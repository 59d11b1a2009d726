import { readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { clusterKind } from './generate-cluster-kind.ts'
import { typesOf } from './generate-types.ts'
import { reasonTables } from './reason-table.ts'

const ROOT = `${import.meta.dirname}/..`
const KINDS = [
  'customcredentials',
  'secrettasks',
  'credentialsproviders',
  'clustercredentialsproviders',
  'orphanedcredentials',
] as const

const source = (path: string): string => readFileSync(`${ROOT}/crds/${path}.yaml`, 'utf8')

/** The text with everything between two marks, HTML comments of this name, replaced. */
function between(mark: string, text: string, made: string): string {
  const [head, tail] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`]
  return `${text.slice(0, text.indexOf(head))}${head}\n\n${made}\n\n${text.slice(text.indexOf(tail))}`
}

/** Every generated file, by its path in the repository, formatted as the repository is. */
export async function generated(): Promise<Readonly<Record<string, string>>> {
  const cluster = clusterKind(source('credentialsproviders'), source('overlay/clustercredentialsproviders'))
  const crds = KINDS.map((kind) => (kind === 'clustercredentialsproviders' ? cluster : source(kind)))
  const files = {
    'crds/clustercredentialsproviders.yaml': cluster,
    'src/api/generated.ts': typesOf(crds),
    'README.md': Object.entries(reasonTables()).reduce(
      (text, [mark, table]) => between(mark, text, table),
      readFileSync(`${ROOT}/README.md`, 'utf8'),
    ),
  }
  const style = await resolveConfig(`${ROOT}/package.json`)
  const formatted = Object.entries(files).map(
    async ([path, text]) => [path, await format(text, { ...style, filepath: path })] as const,
  )
  return Object.fromEntries(await Promise.all(formatted))
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generated())) writeFileSync(`${ROOT}/${path}`, text)
}
