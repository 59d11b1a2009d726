import { isDeepStrictEqual } from 'node:util'
import type { Secret } from '../../../src/api/resources.ts'
import { without } from './json.ts'
import { invalid } from './refusals.ts'

const MAX_BYTES = 1024 * 1024

/** A Secret as the server stores it: with its type, and `stringData` become `data`. */
export function storedSecret(secret: Secret): Secret {
  const added = Object.entries(secret.stringData ?? {}).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ])
  const data =
    added.length > 0 ? { ...secret.data, ...(Object.fromEntries(added) as Record<string, string>) } : secret.data
  return { ...without(secret, 'stringData'), type: secret.type ?? 'Opaque', ...(data && { data }) }
}

/** Throws `Invalid` for keys that are no file names, for a Secret over 1 MiB, and for a change of what can not change. */
export function validateSecret(secret: Secret, old: Secret | undefined): void {
  const wrong = Object.keys(secret.data ?? {}).filter((key) => !/^(?!\.\.?$)[-._a-zA-Z0-9]{1,253}$/.test(key))
  if (wrong.length > 0) throw invalid(`data: not a key: ${wrong.join()}`)
  const bytes = Object.values(secret.data ?? {}).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0)
  if (bytes > MAX_BYTES) throw invalid(`data: may not be more than ${MAX_BYTES} bytes`)
  if (old && old.type !== secret.type) throw invalid('type: field is immutable')
  if (!old?.immutable) return
  if (!secret.immutable) throw invalid('immutable: field is immutable when `immutable` is set')
  if (!isDeepStrictEqual(old.data, secret.data)) throw invalid('data: field is immutable when `immutable` is set')
}
