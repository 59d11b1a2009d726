import { isDeepStrictEqual } from 'node:util'
import type { PatchOperation } from '../../../src/kube/port.ts'
import { isRecord, type Json, without } from './json.ts'
import { invalid } from './refusals.ts'

const refused = (operation: PatchOperation, why: string) => invalid(`${operation.op} ${operation.path}: ${why}`)

/** Reference tokens of a JSON Pointer (RFC 6901). */
function tokens(operation: PatchOperation): readonly string[] {
  if (!operation.path.startsWith('/')) throw refused(operation, 'not a path to a field')
  return operation.path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** An index into a list; `add` may name the place after the last item. */
function indexOf(list: readonly unknown[], token: string, operation: PatchOperation): number {
  if (token === '-' && operation.op === 'add') return list.length
  const end = operation.op === 'add' ? list.length : list.length - 1
  const index = /^(0|[1-9]\d*)$/.test(token) ? Number(token) : Infinity
  if (index > end) throw refused(operation, 'no such item')
  return index
}

function onList(list: readonly unknown[], token: string, operation: PatchOperation): readonly unknown[] {
  const index = indexOf(list, token, operation)
  if (operation.op === 'remove') return list.toSpliced(index, 1)
  return list.toSpliced(index, operation.op === 'add' ? 0 : 1, operation.value)
}

function onRecord(record: Json, token: string, operation: PatchOperation): Json {
  if (operation.op !== 'add' && !Object.hasOwn(record, token)) throw refused(operation, 'no such field')
  return operation.op === 'remove' ? without(record, token) : { ...record, [token]: operation.value }
}

function child(parent: unknown, token: string, operation: PatchOperation): unknown {
  if (Array.isArray(parent)) return parent[indexOf(parent, token, { ...operation, op: 'test' } as PatchOperation)]
  if (isRecord(parent) && Object.hasOwn(parent, token)) return parent[token]
  throw refused(operation, 'no such path')
}

/** Copies what lies on the path and shares the rest. */
function edited(parent: unknown, path: readonly string[], operation: PatchOperation): unknown {
  const [token = '', ...rest] = path
  if (rest.length > 0) {
    const value = edited(child(parent, token, operation), rest, operation)
    return Array.isArray(parent) ? parent.with(Number(token), value) : { ...(parent as Json), [token]: value }
  }
  if (Array.isArray(parent)) return onList(parent, token, operation)
  if (isRecord(parent)) return onRecord(parent, token, operation)
  throw refused(operation, 'no such path')
}

/** JSON Patch (RFC 6902): add, replace, remove and test. Throws `Invalid` where a test fails or a path is impossible. */
export function jsonPatch<T extends object>(object: T, operations: readonly PatchOperation[]): T {
  let result: unknown = object
  for (const operation of operations) {
    const path = tokens(operation)
    if (operation.op !== 'test') {
      result = edited(result, path, operation)
      continue
    }
    const found = path.reduce((parent, token) => child(parent, token, operation), result)
    if (!isDeepStrictEqual(found, operation.value)) throw refused(operation, 'testing value failed')
  }
  return result as T
}

/** JSON Merge Patch (RFC 7386): null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch
  let result: Json = isRecord(target) ? target : {}
  for (const [key, value] of Object.entries(patch)) {
    result = value === null ? without(result, key) : { ...result, [key]: mergePatch(result[key], value) }
  }
  return result
}
