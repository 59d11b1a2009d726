import type { KubeObject } from '../../src/api/meta.ts'

/** What a story tells of an object: the parts on which credentials hang. */
interface Told extends KubeObject {
  readonly spec?: { readonly suspend?: boolean }
  readonly status?: {
    readonly state?: string
    /** Of a pod. */
    readonly phase?: string
    readonly currentVersion?: number
    readonly versions?: readonly { readonly version: number; readonly suspect?: string }[]
    readonly unresolved?: readonly {
      readonly version: number
      readonly reason: string
      readonly attempts: number
    }[]
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[]
  }
}

/** In a few words, what a write has changed: finalizers, state, versions, what is owed, conditions. */
export function changesOf(before: KubeObject | undefined, after: KubeObject): string[] {
  const was: Told | undefined = before
  const is: Told = after
  return [
    ...beginning(was, is),
    ...signed(finalizersOf(was), finalizersOf(is)),
    ...moved('', was?.status?.state, is.status?.state),
    ...moved('', was?.status?.phase, is.status?.phase),
    ...moved('current version ', was?.status?.currentVersion, is.status?.currentVersion),
    ...signed(versionsOf(was), versionsOf(is)),
    ...signed(owedOf(was), owedOf(is)),
    // A condition takes the place of the one before.
    ...conditionsOf(is).filter((condition) => !conditionsOf(was).includes(condition)),
  ]
}

/** A Job that begins suspended is a fence: no pod of it ever runs. */
function beginning(was: Told | undefined, is: Told): string[] {
  const isGoing = is.metadata.deletionTimestamp !== undefined && was?.metadata.deletionTimestamp === undefined
  return [...(isGoing ? ['terminating'] : []), ...(was === undefined && is.spec?.suspend === true ? ['suspended'] : [])]
}

const finalizersOf = (object: Told | undefined): string[] =>
  (object?.metadata.finalizers ?? []).map((name) => `finalizer ${name}`)

const versionsOf = (object: Told | undefined): string[] =>
  (object?.status?.versions ?? []).map(({ version, suspect }) => `version ${version}${suspect ? ', suspect' : ''}`)

const owedOf = (object: Told | undefined): string[] =>
  (object?.status?.unresolved ?? []).map(
    ({ version, reason, attempts }) => `owed ${version} ${reason}${attempts > 0 ? ` ×${attempts}` : ''}`,
  )

const conditionsOf = (object: Told | undefined): string[] =>
  (object?.status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason ?? ''}`.trim())

const moved = (what: string, from: string | number | undefined, to: string | number | undefined): string[] =>
  from === to ? [] : [`${what}${from === undefined ? '' : `${from} → `}${to ?? 'none'}`]

/** `+` what has come, `-` what has gone. */
const signed = (before: readonly string[], after: readonly string[]): string[] => [
  ...before.filter((one) => !after.includes(one)).map((one) => `-${one}`),
  ...after.filter((one) => !before.includes(one)).map((one) => `+${one}`),
]
