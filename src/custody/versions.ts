import type { SecretTaskSpec } from '../api/generated.ts'
import { annotation, CustodyKind, label, MANAGER } from '../api/labels.ts'
import type { Manifest } from '../api/meta.ts'
import { Secrets, type Secret } from '../api/resources.ts'
import type { Value } from '../credentials-provider/schema.ts'
import { isAlreadyExists, isNotFound } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'

/** Where custody is: only the operator reads and writes Secrets in `namespace`. */
export interface Custody {
  readonly api: KubeApi
  readonly namespace: string
  /** Receives what a write has made, so that no cache is older than it; its values are not for caches. */
  remember(secret: Secret): void
}

/** By what a task's Secrets in custody are recognized. */
export interface TaskIdentity {
  readonly id: string
  readonly spec: Pick<SecretTaskSpec, 'credential' | 'version'>
}

/** What custody keeps of a task, since it outlives the SecretTask (a Job bears the same). */
export interface ReportedTask extends TaskIdentity {
  readonly spec: SecretTaskSpec
}

/** What a create task reported: the provider's ID of it, and each output as text (base64 only on the wire). */
export interface ReportedVersion {
  readonly credentialsId: string
  readonly data: Readonly<Record<string, string>>
}

const TYPE = 'customcredentials.dev/version'

/** Outputs as a Secret holds them: integers and booleans are their JSON text. */
export const asText = (values: Readonly<Record<string, Value>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))

export const sameData = (a: ReportedVersion['data'], b: ReportedVersion['data']): boolean => {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && a[name] === b[name])
}

export const custodyLabels = ({ id, spec }: TaskIdentity, kind: CustodyKind): Record<string, string> => ({
  [label.managedBy]: MANAGER,
  [label.custody]: kind,
  [label.task]: id,
  [label.credential]: spec.credential.name,
  [label.credentialUid]: spec.credential.uid,
  [label.version]: String(spec.version),
})

export const custodyAnnotations = ({ spec }: ReportedTask, credentialsId: string): Record<string, string> => ({
  [annotation.credentialsId]: credentialsId,
  [annotation.taskSpec]: JSON.stringify(spec),
})

/** The immutable Secret of a version, named after the task that created it. */
export function versionManifest(namespace: string, task: ReportedTask, version: ReportedVersion): Manifest<Secret> {
  const data = Object.entries(version.data).map(([name, text]) => [name, Buffer.from(text).toString('base64')])
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace,
      name: task.id,
      labels: custodyLabels(task, CustodyKind.version),
      annotations: custodyAnnotations(task, version.credentialsId),
    },
    type: TYPE,
    immutable: true,
    data: Object.fromEntries(data) as Record<string, string>,
  }
}

/**
 * What custody holds for a task, or undefined. A Secret that merely bears the name is not trusted: type and labels must
 * say that the operator made it for this credential; throws otherwise.
 */
export async function readVersion(
  { api, namespace }: Pick<Custody, 'api' | 'namespace'>,
  task: TaskIdentity,
): Promise<ReportedVersion | undefined> {
  try {
    return parseVersion(await api.get(Secrets, { namespace, name: task.id }), task)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

export function parseVersion(secret: Secret, task: TaskIdentity): ReportedVersion {
  const { labels = {}, annotations = {}, name } = secret.metadata
  const credentialsId = annotations[annotation.credentialsId]
  const genuine = Object.entries(custodyLabels(task, CustodyKind.version)).every(
    ([key, value]) => labels[key] === value,
  )
  if (secret.type !== TYPE || !genuine || credentialsId === undefined) {
    throw new Error(`Secret ${name} in custody was not made for task ${task.id}: somebody else made it, remove it`)
  }
  return { credentialsId, data: textsIn(secret) }
}

/** The data of a Secret, decoded. */
export const textsIn = ({ data = {} }: Pick<Secret, 'data'>): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString('utf8')]))

/**
 * Makes a version durable and returns what custody holds for the task afterwards: `version`, or what an earlier report of
 * the same task has left there. The first report stays: nothing is ever written over.
 */
export async function keepVersion(
  custody: Custody,
  task: ReportedTask,
  version: ReportedVersion,
): Promise<ReportedVersion> {
  try {
    custody.remember(await custody.api.create(Secrets, versionManifest(custody.namespace, task, version)))
    return version
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    return parseVersion(await custody.api.get(Secrets, { namespace: custody.namespace, name: task.id }), task)
  }
}
