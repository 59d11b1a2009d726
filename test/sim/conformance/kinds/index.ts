import { job, lease, namespace, secret } from './builtin.ts'
import type { Kind } from './kind.ts'
import { credentialsProvider, customCredential, orphanedCredential, secretTask } from './ours.ts'

const all = {
  CustomCredential: customCredential,
  SecretTask: secretTask,
  CredentialsProvider: credentialsProvider,
  OrphanedCredential: orphanedCredential,
  Secret: secret,
  Job: job,
  Lease: lease,
  Namespace: namespace,
} satisfies Record<string, Kind>

export type KindName = keyof typeof all

export const KINDS: Readonly<Record<KindName, Kind>> = all
export const KIND_NAMES = Object.keys(all) as readonly KindName[]
