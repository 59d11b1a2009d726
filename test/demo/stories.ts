import type { CustomCredential, SecretTask } from '../../src/api/generated.ts'

/** What has just become of a task, in a line; undefined where nothing worth telling has. */
export function storyOfTask(task: SecretTask, before: SecretTask | undefined): string | undefined {
  if (task.status.state === before?.status.state) return undefined
  const text = textOfTask(task)
  return text === undefined ? undefined : `Job ${task.metadata.name.slice(0, 16)}… ${text}`
}

function textOfTask({ spec, status }: SecretTask): string | undefined {
  const { type, version, trigger, credentialsId } = spec
  switch (status.state) {
    case 'queued':
      return undefined
    case 'processing':
      return `${type === 'create_credentials' ? 'creates' : 'deletes'} version ${version} (${trigger})`
    case 'credentials_created':
      return `has reported the new role ${short(status.result?.credentialsId)}`
    case 'credentials_deleted':
      return `has deleted the role ${short(credentialsId)}`
    case 'failed':
      return `failed: ${(status.errors ?? []).map(({ code, description }) => `${code}: ${description}`).join('; ')}`
  }
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

/** The beginning of a role's name tells it from the others. */
export const short = (role = ''): string => `${role.slice(0, 11)}…`
