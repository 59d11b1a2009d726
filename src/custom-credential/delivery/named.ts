import * as v from 'valibot'
import type { Target } from '../../api/generated.ts'
import { annotation } from '../../api/labels.ts'
import type { KubeObject } from '../../api/meta.ts'

/** The keys of labels and annotations that a spec has named. */
interface Named {
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
}

/** Remembers whose labels and annotations they are. */
export function namedBy({ labels = {}, annotations = {} }: Target = {}): Record<string, string> {
  const named: Named = { labels: Object.keys(labels), annotations: Object.keys(annotations) }
  if (named.labels.length + named.annotations.length === 0) return {}
  return { [annotation.named]: JSON.stringify(named) }
}

/** What somebody else has written there in its place names nothing. */
export function namedOn({ metadata }: KubeObject): Named {
  const nothing: Named = { labels: [], annotations: [] }
  try {
    const named = v.safeParse(NAMED, JSON.parse(metadata.annotations?.[annotation.named] ?? ''))
    return named.success ? named.output : nothing
  } catch {
    return nothing
  }
}

const NAMED = v.object({ labels: v.array(v.string()), annotations: v.array(v.string()) })

export const without = (map: Readonly<Record<string, string>> = {}, keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)))
