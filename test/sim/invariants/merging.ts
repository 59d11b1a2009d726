import type { CustomCredential } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import { CustomCredentials, type Secret, Secrets } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { type Change, changeOf, first, isOperator } from './reading.ts'

/** The Secret is people's own, with keys of a credential's in it. */
export const isMerged = ({ metadata }: Secret): boolean => metadata.labels?.[label.merged] !== undefined

/** Those keys. */
export const mergedKeys = ({ metadata }: Secret): readonly string[] =>
  metadata.annotations?.[annotation.keys]?.split(',') ?? []

/** What the operator did to a Secret of people's. */
function mergedWrite(change: Change<Secret> | undefined): Change<Secret> | undefined {
  const isAny = change !== undefined && [change.object, change.previous].some((secret) => secret && isMerged(secret))
  return isAny && isOperator(change.by) ? change : undefined
}

/** Ours are the keys that the operator was seen to put there, whatever it notes; and those of a Secret that is to be adopted. */
function othersUntouched(): Checker {
  const ours = new Map<string, Set<string>>()
  const adopted = new Set<string>()
  const learn = ({ metadata, spec }: CustomCredential): void => {
    if (spec.adopt !== undefined) adopted.add(`${metadata.namespace ?? ''}/${spec.adopt.secretName}`)
  }
  const touched = ({ object, previous }: Change<Secret>): string | undefined => {
    const { name, namespace = '', uid } = object.metadata
    const [before, now] = [previous?.data ?? {}, object.data ?? {}]
    const known = ours.get(uid) ?? new Set<string>()
    const isTheirs = (key: string): boolean => before[key] !== now[key] && !known.has(key)
    const key = adopted.has(`${namespace}/${name}`) ? undefined : Object.keys(before).find(isTheirs)
    ours.set(uid, new Set([...known, ...Object.keys(now).filter((one) => !Object.hasOwn(before, one))]))
    return key
  }
  return {
    on(fact) {
      const credential = changeOf(fact, CustomCredentials)
      if (credential) learn(credential.object)
      const change = mergedWrite(changeOf(fact, Secrets))
      if (change === undefined) return undefined
      const { name } = change.object.metadata
      if (change.type !== 'changed') return `Secret ${name}, which people have made, was ${change.type}`
      const key = touched(change)
      return key && `the key ${key} of Secret ${name}, which is somebody else’s, was changed`
    },
  }
}

/** Its spec, or that its current version stays valid, wants them to stay. */
function areToStay({ metadata }: Secret, state: State): boolean {
  const uid = metadata.labels?.[label.credentialUid]
  const owner = first(state, CustomCredentials, (one) => one.metadata.uid === uid)
  const { revocationPolicy, target } = owner?.spec ?? {}
  return revocationPolicy === 'Retain' || target?.deletionPolicy === 'Retain'
}

const takenOut = (): Checker => ({
  on(fact, state) {
    const { object, previous } = mergedWrite(changeOf(fact, Secrets)) ?? {}
    if (object === undefined || previous === undefined || isMerged(object) || areToStay(previous, state))
      return undefined
    const left = mergedKeys(previous).find((key) => Object.hasOwn(object.data ?? {}, key))
    return left && `the key ${left} is left in Secret ${object.metadata.name}, and nothing tells any more whose it is`
  },
})

export const merging: readonly Invariant[] = [
  {
    id: 'S19 keys',
    says: 'A Secret of people’s own that is merged into is never made nor removed by the operator, and keeps the keys of others as they are.',
    begin: othersUntouched,
  },
  {
    id: 'S19 out',
    says: 'Whose keys it has is told of a Secret as long as they are in it, unless they are to stay.',
    begin: takenOut,
  },
]
