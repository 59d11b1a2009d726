import { createHash } from 'node:crypto'
import { annotation, CustodyKind, label } from '../api/labels.ts'
import type { KubeObject, Manifest } from '../api/meta.ts'
import { SecretMetadata, Secrets, type Secret } from '../api/resources.ts'
import { areOneProvider } from '../credentials-provider/resolve.ts'
import { unlessThere } from '../kube/writes.ts'
import { specIn } from '../secret-task/run-facts.ts'
import { custodyAnnotations, custodyLabels, type Custody, type ReportedTask } from './versions.ts'

const TYPE = 'customcredentials.dev/refused-report'

/** A provider that reports ever new IDs for one task is broken or hostile: custody does not fill up with them. */
const MAX_PER_TASK = 20

/**
 * The record of a credential that was reported and refused: it may exist upstream, so a deletion is owed. It holds no
 * payload. While its task is processing a corrected report may still make the credential good, so the debt counts only
 * once the task has ended or gone, and never for an ID that a live version bears.
 */
export function refusedManifest(namespace: string, task: ReportedTask, credentialsId: string): Manifest<Secret> {
  const digest = createHash('sha256').update(credentialsId).digest('hex')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace,
      name: `${task.id}-${digest.slice(0, 8)}`,
      labels: custodyLabels(task, CustodyKind.refused),
      annotations: custodyAnnotations(task, credentialsId),
    },
    type: TYPE,
    immutable: true,
  }
}

/**
 * Makes it durable that `credentialsId` was refused; a repeated call changes nothing. An ID that another task's version
 * of the same provider bears is not recorded: one that reports an old ID again must not have a credential in use deleted.
 * Throws where the record cannot be made: then the refusal must not be sent.
 */
export async function recordRefusal(custody: Custody, task: ReportedTask, credentialsId: string): Promise<void> {
  const records = await listRecords(custody, task.spec.credential.uid)
  const ofTask = records.filter(({ metadata }) => metadata.labels?.[label.task] === task.id)
  const bearsId = ({ metadata }: KubeObject) => metadata.annotations?.[annotation.credentialsId] === credentialsId
  const isOfProvider = ({ metadata }: KubeObject) => {
    const provider = specIn(metadata.annotations?.[annotation.taskSpec])?.provider
    return provider === undefined || areOneProvider(provider, task.spec.provider)
  }
  const others = records.filter((record) => isKind(record, CustodyKind.version) && !ofTask.includes(record))
  if (others.some((record) => bearsId(record) && isOfProvider(record))) return
  const refused = ofTask.filter((record) => isKind(record, CustodyKind.refused))
  if (refused.some(bearsId)) return
  if (refused.length >= MAX_PER_TASK) throw new Error(`task ${task.id} has ${MAX_PER_TASK} refused reports already`)
  const made = await unlessThere(custody.api.create(Secrets, refusedManifest(custody.namespace, task, credentialsId)))
  if (made) custody.remember(made)
}

const isKind = ({ metadata }: KubeObject, kind: CustodyKind): boolean => metadata.labels?.[label.custody] === kind

/** A quorum read of what custody holds for a credential, as metadata. */
async function listRecords(
  { api, namespace }: Pick<Custody, 'api' | 'namespace'>,
  credentialUid: string,
): Promise<readonly KubeObject[]> {
  const labelSelector = `${label.credentialUid}=${credentialUid}`
  const { items } = await api.list(SecretMetadata, { namespace, labelSelector, metadataOnly: true })
  return items
}
