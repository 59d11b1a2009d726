import type { ObjectMeta } from '../../../src/api/meta.ts'
import { invalid } from './refusals.ts'

const OBJECT_NAME = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const VALUE = /^(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/
const KEY = /^(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/

/** `key` or `domain/key`. */
function checkQualified(field: string, name: string): void {
  const [key = '', domain, ...more] = name.split('/').toReversed()
  const isQualified = KEY.test(key) && (domain === undefined || OBJECT_NAME.test(domain)) && more.length === 0
  if (!isQualified) throw invalid(`${field}: "${name}" is not a qualified name`)
}

/** Maps that were found well-formed: most writes share them with the object that they change. */
const wellFormed = new WeakSet()

function checkMap(field: string, map: Readonly<Record<string, string>> | undefined, value: RegExp): void {
  if (map === undefined || wellFormed.has(map)) return
  for (const [key, text] of Object.entries(map)) {
    checkQualified(field, key)
    if (!value.test(text)) throw invalid(`${field}: "${key}" has a value that is not allowed`)
  }
  wellFormed.add(map)
}

/** Throws `Invalid` for metadata that no object may have. */
export function validateMetadata({
  name,
  labels,
  annotations,
  finalizers = [],
  ownerReferences = [],
}: ObjectMeta): void {
  if (!OBJECT_NAME.test(name)) throw invalid(`metadata.name: "${name}" is not a DNS subdomain`)
  checkMap('metadata.labels', labels, VALUE)
  checkMap('metadata.annotations', annotations, /^/)
  for (const finalizer of finalizers) checkQualified('metadata.finalizers', finalizer)
  if (ownerReferences.filter(({ controller }) => controller).length > 1) {
    throw invalid('metadata.ownerReferences: only one reference can have controller set to true')
  }
}
