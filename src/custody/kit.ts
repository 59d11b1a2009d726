import { v5 as uuidv5 } from 'uuid'
import type { Capability, CredentialSchema, SecretTaskSpec } from '../api/generated.ts'
import { annotation, CustodyKind, label, MANAGER } from '../api/labels.ts'
import type { Manifest } from '../api/meta.ts'
import type { Secret } from '../api/resources.ts'
import type { Run } from '../credentials-provider/resolve.ts'

type PodTemplate = Readonly<Record<string, unknown>>

/**
 * The revocation kit: all that a later deletion needs, kept in custody before anything is created upstream. With it a
 * credential can be revoked after its provider, its own object or its namespace are gone.
 */
export interface RevocationKit extends Run {
  /** Of the Jobs' namespace as it was then: one that bears the name later is somebody else's. Absent in the revocation namespace. */
  readonly jobNamespaceUid?: string | undefined
  readonly template: PodTemplate
  /** What the provider promised to report: a task in flight is held to it, whatever becomes of the provider. */
  readonly outputs: readonly CredentialSchema[]
  readonly capabilities: readonly Capability[]
}

const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/**
 * A kit's name is derived from what a task says about its run. A task whose `spec.kit` is not the name of its own spec, or
 * names a kit that is not in custody, was not made by the operator: nobody else can write there.
 */
export function kitName(
  credentialUid: string,
  run: Pick<SecretTaskSpec, 'provider' | 'parameters' | 'secretParameters' | 'jobNamespace' | 'timeoutSeconds'>,
): string {
  const { provider, parameters, secretParameters = {}, jobNamespace, timeoutSeconds } = run
  const secrets = Object.entries(secretParameters).map(([input, { name }]): [string, string] => [input, name])
  const content = [
    provider.kind,
    provider.name,
    provider.uid,
    provider.generation,
    jobNamespace,
    timeoutSeconds,
    Object.entries(parameters).sort(byKey),
    ...(secrets.length > 0 ? [secrets.sort(byKey)] : []),
  ]
  return `kit-${uuidv5(JSON.stringify(content), credentialUid)}`
}

/** The Secret that holds a kit. Immutable: a provider's later generation gets a kit of its own. */
export function kitManifest(
  custodyNamespace: string,
  credential: { readonly name: string; readonly uid: string },
  kit: RevocationKit,
  /** Of an orphan's own: with its Jobs in the revocation namespace. */
  labels: Readonly<Record<string, string>> = {},
): Manifest<Secret> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: custodyNamespace,
      name: kitName(credential.uid, kit),
      labels: {
        [label.managedBy]: MANAGER,
        [label.custody]: CustodyKind.kit,
        [label.credential]: credential.name,
        [label.credentialUid]: credential.uid,
        ...labels,
      },
      annotations: {
        [annotation.capabilities]: kit.capabilities.join(','),
        ...(kit.secretParameters && { [annotation.inputSecrets]: secretsOf(kit.secretParameters).join(',') }),
      },
    },
    type: 'customcredentials.dev/revocation-kit',
    immutable: true,
    data: { kit: Buffer.from(JSON.stringify(kit)).toString('base64') },
  }
}

const secretsOf = (parameters: NonNullable<Run['secretParameters']>): string[] =>
  [...new Set(Object.values(parameters).map(({ name }) => name))].sort()

export function readKit(secret: Secret): RevocationKit {
  const encoded = secret.data?.['kit']
  if (encoded === undefined) throw new Error(`revocation kit ${secret.metadata.name} holds no kit`)
  return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as RevocationKit
}
