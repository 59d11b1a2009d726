import { createHash } from 'node:crypto'
import type { Target } from '../../api/generated.ts'
import { mentionsPrevious, type Payload, render } from './template.ts'

/** Whether the Secret shows anything of the previous version. */
const usesPrevious = ({ template, previousKeys }: Target): boolean =>
  previousKeys !== undefined || mentionsPrevious(template)

/** The version that the Secret shows beside the current one, if it is to show any. */
export const shownBeside = <T>(target: Target | undefined, previous: T | undefined): T | undefined =>
  target !== undefined && usesPrevious(target) ? previous : undefined

/** The keys of the Secret. Throws `Unrenderable`. */
export function dataOf(target: Target | undefined, outputs: Payload, previous: Payload | undefined): Payload {
  const own = target?.template === undefined ? outputs : render(target.template, outputs, previous)
  const prefix = target?.previousKeys?.prefix
  if (prefix === undefined || previous === undefined) return own
  const beside = Object.entries(previous).map(([name, text]) => [`${prefix}${name}`, text])
  return { ...(Object.fromEntries(beside) as Payload), ...own }
}

/**
 * Tells apart what the same version looks like: a hash of what the spec says of the Secret, with the number of the previous
 * version where it is shown. Undefined where the spec says no more than a name.
 */
export function renditionOf(target: Target | undefined, previous: number | undefined): string | undefined {
  if (target === undefined) return undefined
  const { name: _name, creationPolicy: _coming, deletionPolicy: _going, ...shape } = target
  if (Object.keys(shape).length === 0) return undefined
  return usesPrevious(target) ? `${hashOf(target)}.${previous ?? 0}` : hashOf(target)
}

const hashes = new WeakMap<Target, string>()

function hashOf(target: Target): string {
  const known = hashes.get(target)
  if (known !== undefined) return known
  const { type, labels, annotations, template, previousKeys } = target
  const content = [type, ...[labels, annotations, template, previousKeys].map((map) => map && sorted(map))]
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)
  hashes.set(target, hash)
  return hash
}

const sorted = (map: object): [string, unknown][] => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
