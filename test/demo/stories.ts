import type { CustomCredential, OrphanedCredential, SecretTask } from '../../src/api/generated.ts'

/** What has just become of a task, in a line; undefined where nothing worth telling has. */
export function storyOfTask(task: SecretTask, before: SecretTask | undefined): string | undefined {
  if (task.status.state === before?.status.state) return undefined
  const text = textOfTask(task)
  return text === undefined ? undefined : `Job ${task.metadata.name.slice(0, 16)}… ${text}`
}

function textOfTask(task: SecretTask): string | undefined {
  const { spec, status } = task
  const { version, trigger, credentialsId } = spec
  switch (status.state) {
    case 'queued':
      return undefined
    case 'processing':
      return `${deedOf(task)} (${trigger})`
    case 'credentials_created':
      return `has reported the new role ${short(status.result?.credentialsId)}`
    case 'credentials_deleted':
      return credentialsId === undefined
        ? `has made sure that nothing unknown is left of version ${version}`
        : `has deleted the role ${short(credentialsId)}`
    case 'failed':
      return `failed: ${(status.errors ?? []).map(({ code, description }) => `${code}: ${description}`).join('; ')}`
  }
}

/** A deletion that knows no ID is a search: its run may have made something. */
function deedOf({ spec: { type, version, credentialsId } }: SecretTask): string {
  if (type === 'create_credentials') return `creates version ${version}`
  return credentialsId === undefined ? `looks for what may be left of version ${version}` : `deletes version ${version}`
}

/** What has just become of a credential. */
export function storyOfCredential(
  { status }: CustomCredential,
  before: CustomCredential | undefined,
): string | undefined {
  if (status.currentVersion === undefined || status.currentVersion === before?.status.currentVersion) return undefined
  const kept = status.previousVersion === undefined ? '' : `; version ${status.previousVersion} stays usable`
  return `Version ${status.currentVersion} is in Secret ${status.target?.name ?? ''}${kept}`
}

/** What is told of an orphan that has just been recorded, or has gone. */
export const storyOfOrphan = ({ spec: { credential, credentialsId } }: OrphanedCredential, isGone: boolean): string =>
  `The role ${short(credentialsId)} of ${credential.namespace}/${credential.name} ${isGone ? 'is revoked, and its OrphanedCredential gone' : 'is still there: it is owed by an OrphanedCredential now'}`

/** The beginning of a role's name tells it from the others. */
export const short = (role = ''): string => `${role.slice(0, 11)}…`
