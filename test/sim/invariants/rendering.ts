import type { CustomCredential } from '../../../src/api/generated.ts'
import { annotation, CustodyKind, GROUP, label } from '../../../src/api/labels.ts'
import { type Secret, Secrets } from '../../../src/api/resources.ts'
import type { State } from '../observe/state.ts'
import { isMerged, mergedKeys } from './merging.ts'
import { first } from './reading.ts'

type Data = Readonly<Record<string, string>>

/** What the names of the previous version's outputs begin with, wherever worlds ask for them. */
const PREFIX = 'previous_'

/** Of a Secret of people's own, no more than what is ours in it. */
function dataOf(secret: Secret): Data {
  const { data = {} } = secret
  if (!isMerged(secret)) return data
  const ours = mergedKeys(secret)
  return Object.fromEntries(Object.entries(data).filter(([key]) => ours.includes(key)))
}

const ownerOf = ({ metadata }: Secret): string => metadata.labels?.[label.credentialUid] ?? ''
const idOf = ({ metadata }: Secret): string => metadata.annotations?.[annotation.credentialsId] ?? ''
const textOf = (encoded = ''): string => Buffer.from(encoded, 'base64').toString()
const versionIn = ({ metadata }: Secret): string | undefined => metadata.labels?.[label.version]

const equal = (a: Data, b: Data): boolean => {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

const split = (data: Data): { readonly own: Data; readonly beside: Data } => {
  const isBeside = ([key]: readonly [string, string]): boolean => key.startsWith(PREFIX)
  const entries = Object.entries(data)
  return {
    own: Object.fromEntries(entries.filter((entry) => !isBeside(entry))),
    beside: Object.fromEntries(entries.filter(isBeside).map(([key, value]) => [key.slice(PREFIX.length), value])),
  }
}

/**
 * Whether a target Secret holds one of the versions that were reported, under its number and ID, and all of it. Where it is
 * rendered, its template keeps the outputs under their names, and other texts quote each of them; what stands beside them
 * is all of an older version.
 */
export function showsOneOf(target: Secret, reported: readonly Secret[]): boolean {
  const number = target.metadata.annotations?.[annotation.version]
  const ofOwner = reported.filter((secret) => ownerOf(secret) === ownerOf(target))
  const candidates = ofOwner.filter((secret) => versionIn(secret) === number && idOf(secret) === idOf(target))
  if (target.metadata.annotations?.[annotation.rendition] === undefined)
    return candidates.some((secret) => equal(dataOf(target), dataOf(secret)))
  const { own, beside } = split(dataOf(target))
  const isOlder = (secret: Secret): boolean => Number(versionIn(secret)) < Number(number)
  const isWhole = (secret: Secret): boolean => isOlder(secret) && equal(beside, dataOf(secret))
  return candidates.some((secret) => quotes(own, dataOf(secret))) && (equal(beside, {}) || ofOwner.some(isWhole))
}

function quotes(shown: Data, outputs: Data): boolean {
  const names = Object.keys(outputs)
  const isQuoted = (text: string): boolean => names.every((name) => text.includes(textOf(outputs[name])))
  return (
    names.every((name) => shown[name] === outputs[name]) && Object.values(shown).every((text) => isQuoted(textOf(text)))
  )
}

/** The Secret shows all of this payload as the version before its own. */
export function showsBeside(target: Secret, payload: Secret): boolean {
  const { beside } = split(dataOf(target))
  return Object.keys(beside).length > 0 && equal(beside, dataOf(payload))
}

/** What is not as the spec wants it, if anything is. */
export const renderingFault = (credential: CustomCredential, target: Secret, state: State): string | undefined =>
  metadataFault(credential, target) ?? templateFault(credential, target) ?? previousFault(credential, target, state)

function metadataFault({ spec }: CustomCredential, secret: Secret): string | undefined {
  // Its labels and its type are people's to choose.
  if (isMerged(secret)) return undefined
  const { metadata, type = 'Opaque' } = secret
  const isOurs = (key: string): boolean => key.startsWith(`${GROUP}/`) || key === label.managedBy
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) => !isOurs(key))
  if (!equal(Object.fromEntries(labels), spec.target?.labels ?? {})) return 'has other labels than its spec names'
  return type === (spec.target?.type ?? 'Opaque') ? undefined : 'has another type than its spec names'
}

function templateFault({ spec }: CustomCredential, target: Secret): string | undefined {
  const { own } = split(dataOf(target))
  const template = Object.entries(spec.target?.template ?? {})
  const stale = template.find(([key, text]) => !textOf(own[key]).startsWith(headOf(text)))
  if (stale) return `shows ${stale[0]} by another template`
  const isLarger = template.length > 0 && template.length < Object.keys(own).length
  return isLarger ? 'has keys that no template makes' : undefined
}

function previousFault(credential: CustomCredential, target: Secret, state: State): string | undefined {
  const { spec, status } = credential
  const previous = spec.target?.previousKeys && payloadOf(credential, status.previousVersion, state)
  const { beside } = split(dataOf(target))
  return equal(beside, previous ?? {}) ? undefined : `does not show version ${status.previousVersion ?? 'none'} beside`
}

/** The words of a template before its first output or tag. */
const headOf = (text: string): string => text.split('{')[0] ?? ''

const payloadOf = ({ metadata }: CustomCredential, version: number | undefined, state: State): Data | undefined => {
  const isIt = (secret: Secret): boolean =>
    secret.metadata.labels?.[label.custody] === CustodyKind.version &&
    ownerOf(secret) === metadata.uid &&
    versionIn(secret) === String(version)
  const kept = first(state, Secrets, isIt)
  return kept && dataOf(kept)
}
