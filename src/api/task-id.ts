import { v5 as uuidv5 } from 'uuid'
import { GROUP } from './labels.ts'

/**
 * A task's ID is derived, not drawn: re-creating a task after a crash finds the one that exists. The credential's UID is
 * the UUID namespace, so that a credential re-created under the same name shares no ID with the one before it.
 * Format `sm-task-<uuid>`, 44 characters (IBM's pattern); it is the name of the SecretTask and of its Job.
 */
const taskId = (credentialUid: string, ...parts: readonly (string | number)[]): string =>
  `sm-task-${uuidv5(parts.join('/'), credentialUid)}`

export const createTaskId = (
  credentialUid: string,
  run: { readonly version: number; readonly attempt: number },
): string => taskId(credentialUid, 'create_credentials', run.version, run.attempt)

/**
 * What was not made by a task bears an ID as if it were, the same for whoever adopts it: in custody, where names are unique,
 * it is adopted once.
 */
export const adoptedTaskId = (providerUid: string, credentialsId: string): string =>
  `sm-task-${uuidv5(`https://${GROUP}/adopted/${providerUid}/${credentialsId}`, uuidv5.URL)}`

/** A deletion is identified by the run that made the credential, and by the credentials ID where it is known. */
export const deleteTaskId = (
  credentialUid: string,
  owed: { readonly originTaskId: string; readonly credentialsId?: string; readonly attempt: number },
): string => taskId(credentialUid, 'delete_credentials', owed.originTaskId, owed.credentialsId ?? '', owed.attempt)
