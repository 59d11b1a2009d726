import { annotation, GROUP } from '../../api/labels.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { Secret } from '../../api/resources.ts'
import type { PatchOperation } from '../../kube/port.ts'
import { without } from './named.ts'
import { isMerged } from './ownership.ts'

/** Values in base64, by key. */
type Data = Readonly<Record<string, string>>

/** For the annotation by which these keys are known as ours, to be written over and taken out again. */
export const keysOf = (data: Data): Record<string, string> => ({ [annotation.keys]: Object.keys(data).join(',') })

const ourKeys = (secret: KubeObject): readonly string[] =>
  isMerged(secret) ? (secret.metadata.annotations?.[annotation.keys] ?? '').split(',') : []

/**
 * The keys of `data` that somebody else has there. The same value makes no difference: what is theirs is neither rotated nor
 * taken out one day. Only what is being adopted from this very Secret becomes ours.
 */
export function takenKeys(secret: Secret, data: Data, { isAdopted }: { readonly isAdopted: boolean }): string[] {
  const { data: there = {} } = secret
  const ours = ourKeys(secret)
  const isFree = (key: string): boolean =>
    !Object.hasOwn(there, key) || ours.includes(key) || (isAdopted && there[key] === data[key])
  return Object.keys(data).filter((key) => !isFree(key))
}

/** Has the Secret hold these keys, and none that it held for an earlier version or spec. All others stay. */
export function mergedKeys(secret: Secret, data: Data): PatchOperation[] {
  const { data: there } = secret
  const stale = ourKeys(secret).filter((key) => Object.hasOwn(there ?? {}, key) && !Object.hasOwn(data, key))
  return [
    ...(there === undefined ? [{ op: 'add', path: '/data', value: {} } as const] : []),
    ...stale.map((key) => ({ op: 'remove', path: `/data/${key}` }) as const),
    ...Object.entries(data).map(([key, value]) => ({ op: 'add', path: `/data/${key}`, value }) as const),
  ]
}

/** Leaves the Secret as it would be without us, on condition that it is the one that was seen. */
export function withdrawnPatch(secret: Secret): PatchOperation[] {
  const { uid, resourceVersion, labels, annotations } = secret.metadata
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    ...mergedKeys(secret, {}),
    { op: 'add', path: '/metadata/labels', value: withoutOurs(labels) },
    { op: 'add', path: '/metadata/annotations', value: withoutOurs(annotations) },
  ]
}

const withoutOurs = (map: Readonly<Record<string, string>> = {}): Record<string, string> =>
  without(
    map,
    Object.keys(map).filter((key) => key.startsWith(`${GROUP}/`)),
  )
