import type { Resource } from '../../../src/api/meta.ts'
import {
  CredentialsProviders,
  CustomCredentials,
  Deployments,
  Jobs,
  OrphanedCredentials,
  Pods,
  Secrets,
  SecretTasks,
} from '../../../src/api/resources.ts'

/** Kinds that live in a namespace, in the order in which the namespace controller empties it. */
export const NAMESPACED: readonly Resource[] = [
  CustomCredentials,
  SecretTasks,
  CredentialsProviders,
  Deployments,
  Jobs,
  Pods,
  Secrets,
]

/** Kinds that the garbage collector knows as owners and dependents. */
export const KINDS: readonly Resource[] = [...NAMESPACED, OrphanedCredentials]
