import type { SecretTask } from '../api/generated.ts'
import { MANAGER } from '../api/labels.ts'

/** A task as IBM Secrets Manager's API shows it (SecretTask of API version 2). It holds no reported value. */
export function taskView({ metadata, spec, status }: SecretTask): object {
  const created = metadata.creationTimestamp
  return {
    id: metadata.name,
    type: spec.type,
    status: status.state,
    trigger: spec.trigger,
    secret_id: spec.credential.uid,
    ...(spec.credentialsId !== undefined && { secret_version_id: String(spec.version) }),
    created_by: MANAGER,
    creation_date: created,
    updated_by: MANAGER,
    last_update_date: status.finishedAt ?? status.startedAt ?? created,
    ...(status.errors !== undefined && { errors: status.errors }),
  }
}
