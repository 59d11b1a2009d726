import type { PatchOperation } from '../../../src/kube/port.ts'
import type { Draw } from './draw.ts'
import type { Json } from './sequence.ts'

const METADATA_CHANGES: readonly [Json, ...Json[]] = [
  { labels: { app: 'y' } },
  { labels: { app: 'x' } },
  { labels: { tier: 'back', 'example.com/level': '1' } },
  { labels: { app: null } },
  { labels: { tier: null } },
  { annotations: { note: '1' } },
  { annotations: { note: '2', 'example.com/note': 'x' } },
  { annotations: null },
  { labels: { app: 'not a value!' } },
]

export const metadataChange = (draw: Draw): Json => ({ metadata: draw.one(METADATA_CHANGES) })

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A merge patch as a JSON patch that does the same, two levels deep for metadata and one for the rest. */
export function asOperations(merge: Json, path = '', depth = 0): PatchOperation[] {
  return Object.entries(merge).flatMap(([key, value]): PatchOperation[] => {
    const here = `${path}/${escaped(key)}`
    if (value === null) return [{ op: 'remove', path: here }]
    const deeper = depth === 0 || here === '/metadata/labels'
    return deeper && isRecord(value) ? asOperations(value, here, depth + 1) : [{ op: 'add', path: here, value }]
  })
}
