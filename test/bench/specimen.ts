import type { CustomCredential, SecretTask } from '../../src/api/generated.ts'
import { CustomCredentials, type Job, Jobs, type Secret, Secrets, SecretTasks } from '../../src/api/resources.ts'
import { createTaskId } from '../../src/api/task-id.ts'
import type { Place } from './load.ts'
import { CUSTODY_NAMESPACE, type Stage } from './stage.ts'

/** The objects of a credential that has been created once, as the operator has left them. */
export interface Specimen {
  readonly credential: CustomCredential
  readonly task: SecretTask
  readonly job: Job
  readonly kit: Secret
  readonly version: Secret
  readonly target: Secret
}

/** Reads them back: whatever is written in the operator's place is of the kinds and sizes that the operator writes. */
export async function takeSpecimen({ admin }: Stage, { namespace, name }: Place): Promise<Specimen> {
  const credential = await admin.get(CustomCredentials, { namespace, name })
  const taskId = createTaskId(credential.metadata.uid, { version: 1, attempt: 1 })
  const task = await admin.get(SecretTasks, { namespace, name: taskId })
  const [job, kit, version, target] = await Promise.all([
    admin.get(Jobs, { namespace, name: taskId }),
    admin.get(Secrets, { namespace: CUSTODY_NAMESPACE, name: task.spec.kit }),
    admin.get(Secrets, { namespace: CUSTODY_NAMESPACE, name: taskId }),
    admin.get(Secrets, { namespace, name }),
  ])
  return { credential, task, job, kit, version, target }
}
