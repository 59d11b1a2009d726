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

/** A key of somebody else that is not as it was. */
function touched({ object, previous }: Change<Secret>): string | undefined {
  const ours = previous !== undefined && isMerged(previous) ? mergedKeys(previous) : []
  const [before, now] = [previous?.data ?? {}, object.data ?? {}]
  return Object.keys(before).find((key) => before[key] !== now[key] && !ours.includes(key))
}

const othersUntouched = (): Checker => ({
  on(fact) {
    const change = mergedWrite(changeOf(fact, Secrets))
    if (change === undefined) return undefined
    const { name } = change.object.metadata
    if (change.type !== 'changed') return `Secret ${name}, which people have made, was ${change.type}`
    const key = touched(change)
    return key && `the key ${key} of Secret ${name}, which is somebody else’s, was changed`
  },
})

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
