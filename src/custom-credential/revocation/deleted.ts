import type { CredentialVersion, SecretTask } from '../../api/generated.ts'
import { concerns } from '../obligations.ts'
import type { CustodyFacts } from '../snapshot.ts'

const isDeletion = ({ status }: SecretTask): boolean => status.state === 'credentials_deleted'

/** The task found, and deleted, whatever that run had made. It did not begin before the run was over. */
export const hasFound = (task: SecretTask, originTaskId: string): boolean =>
  isDeletion(task) && task.spec.originTaskId === originTaskId && task.spec.credentialsId === undefined

/** The task deleted exactly the credential that lies in this Secret. */
export const wasDeletedBy = (task: SecretTask, secret: CustodyFacts): boolean =>
  isDeletion(task) && task.spec.originTaskId === secret.taskId && task.spec.credentialsId === secret.credentialsId

/** The task deleted the version, by its credentials or by finding what its run had made. */
export const isGoneBy = (task: SecretTask, version: CredentialVersion): boolean =>
  isDeletion(task) && concerns(task.spec, version)
