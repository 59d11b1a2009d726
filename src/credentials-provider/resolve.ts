import { parseDuration } from '../api/duration.ts'
import type {
  ClusterCredentialsProvider,
  CredentialsProvider,
  CustomCredential,
  PinnedProvider,
  SecretReference,
} from '../api/generated.ts'
import type { Namespace } from '../api/resources.ts'
import { checkInputs, type Inputs } from './inputs.ts'
import type { Value } from './schema.ts'
import { selects } from './selector.ts'
import { acceptanceOf } from './status.ts'

export type Provider = CredentialsProvider | ClusterCredentialsProvider

/** Everything a run needs to know of its provider; together with the template it is the revocation kit. */
export interface Run {
  readonly provider: PinnedProvider
  readonly parameters: Readonly<Record<string, Value>>
  /** By input of type `secret_id`: what the run may read. Absent where it may read nothing. */
  readonly secretParameters?: Readonly<Record<string, SecretReference>>
  /** Of the namespace of the credential, whose Secrets these are. */
  readonly namespaceUid?: string
  readonly jobNamespace: string
  readonly timeoutSeconds: number
}

/** What a task's spec or a revocation kit tells of its run. */
export function runIn({
  provider,
  parameters,
  secretParameters,
  namespaceUid,
  jobNamespace,
  timeoutSeconds,
}: Run): Run {
  return {
    provider,
    parameters,
    ...(secretParameters && { secretParameters }),
    ...(namespaceUid !== undefined && { namespaceUid }),
    jobNamespace,
    timeoutSeconds,
  }
}

/** Why nothing can be created: the reason of a condition, and a message that says what to do. */
export interface Problem {
  readonly reason:
    | 'ProviderNotFound'
    | 'ProviderDeleting'
    | 'ProviderPending'
    | 'ProviderNotAccepted'
    | 'NamespaceNotAllowed'
    | 'ParametersInvalid'
    | 'InputSecretNotFound'
    | 'IntervalTooLong'
    | 'WindowInvalid'
    | 'TemplateInvalid'
    | 'AdoptionNotAllowed'
  readonly message: string
}

export type Resolution = { readonly ok: true; readonly run: Run } | { readonly ok: false; readonly problem: Problem }

const DEFAULT_TIMEOUT = '10m'

export const providerKind = (credential: CustomCredential): NonNullable<PinnedProvider['kind']> =>
  credential.spec.providerRef.kind ?? 'CredentialsProvider'

/** The providers that a credential names: of its next version, of what it has, and of what it owes. */
export function providersOf(credential: CustomCredential): Pick<PinnedProvider, 'kind' | 'name'>[] {
  const { versions = [], unresolved = [] } = credential.status
  const next = { kind: providerKind(credential), name: credential.spec.providerRef.name }
  return [next, ...[...versions, ...unresolved].map(({ provider }) => provider)]
}

/** By kind and name: one that is made anew under its name stands for the same upstream. */
export const areOneProvider = (
  one: Pick<PinnedProvider, 'kind' | 'name'>,
  other: Pick<PinnedProvider, 'kind' | 'name'>,
): boolean => one.kind === other.kind && one.name === other.name

/** Whether and with what a new version can be made, by the provider as it is now. */
export function resolve(
  credential: CustomCredential,
  provider: Provider | undefined,
  namespace: Namespace | undefined,
): Resolution {
  const kind = providerKind(credential)
  const named = `${kind} "${credential.spec.providerRef.name}"`
  if (provider === undefined) {
    const where = kind === 'CredentialsProvider' ? ` in namespace "${credential.metadata.namespace ?? ''}"` : ''
    return refuse('ProviderNotFound', `There is no ${named}${where}. Create it, or correct spec.providerRef.`)
  }
  if (!serves(provider, namespace)) {
    const fix = 'Ask its administrator to admit it in spec.allowedNamespaces.'
    const where = `namespace "${credential.metadata.namespace ?? ''}"`
    return refuse('NamespaceNotAllowed', `${named} does not serve ${where}. ${fix}`)
  }
  if (provider.metadata.deletionTimestamp !== undefined) {
    const then = 'What it has made stays, and is revoked as always.'
    return refuse('ProviderDeleting', `${named} is being deleted: name another in spec.providerRef. ${then}`)
  }
  const accepted = acceptanceOf(provider)
  if (accepted === undefined)
    return refuse('ProviderPending', `${named} is being checked: what is due is made once it is accepted.`)
  if (accepted.status !== 'True') {
    // What a dry run in the administrator's namespace has told is not for tenants.
    const why =
      kind === 'CredentialsProvider'
        ? accepted.message
        : 'its administrator sees why in its conditions. It is checked again every minute.'
    return refuse('ProviderNotAccepted', `${named} cannot be used: ${why}`)
  }
  const checked = checkInputs(provider.spec.schema.parameters, credential.spec)
  if (!checked.ok) return refuse('ParametersInvalid', `${checked.problem} Correct it: nothing is made before.`)
  return { ok: true, run: runOf(credential, provider, { ...checked.inputs, namespace }) }
}

function runOf(
  credential: CustomCredential,
  { metadata, spec }: Provider,
  { values, secrets, namespace }: Inputs & { readonly namespace: Namespace | undefined },
): Run {
  const { name, uid, generation = 1 } = metadata
  const readsSecrets = Object.keys(secrets).length > 0
  return {
    provider: { kind: providerKind(credential), name, uid, generation },
    parameters: values,
    ...(readsSecrets && { secretParameters: secrets, namespaceUid: namespace?.metadata.uid ?? '' }),
    jobNamespace: 'jobNamespace' in spec ? spec.jobNamespace : (credential.metadata.namespace ?? ''),
    timeoutSeconds: parseDuration(spec.taskTimeout ?? DEFAULT_TIMEOUT) / 1000,
  }
}

const refuse = (reason: Problem['reason'], message: string): Resolution => ({ ok: false, problem: { reason, message } })

/** A cluster's provider serves whom its administrator admits: without a word, nobody. */
function serves({ spec }: Provider, namespace: Namespace | undefined): boolean {
  if (!('jobNamespace' in spec)) return true
  const { from, selector } = spec.allowedNamespaces ?? {}
  if (from === 'All') return true
  // Of a namespace that is not known yet nothing can be told, least of all that it lacks a label.
  return selector !== undefined && namespace !== undefined && selects(selector, namespace.metadata.labels ?? {})
}
