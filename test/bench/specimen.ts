import type { CustomCredential, SecretTask } from '../../src/api/generated.ts'
import { label } from '../../src/api/labels.ts'
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

/** A credential and what is kept for it, once the Jobs have been removed by their TTL. */
export interface Household {
  readonly credential: CustomCredential
  readonly tasks: readonly SecretTask[]
  readonly secrets: readonly Secret[]
}

/** Of a credential that was never rotated. */
export const freshHousehold = ({ credential, task, kit, version, target }: Specimen): Household => ({
  credential,
  tasks: [task],
  secrets: [kit, version, target],
})

/** Reads back what one has that was rotated so often that its histories are full. */
export async function takeHousehold({ admin }: Stage, { namespace, name }: Place): Promise<Household> {
  const credential = await admin.get(CustomCredentials, { namespace, name })
  const labelSelector = `${label.credentialUid}=${credential.metadata.uid}`
  const [tasks, custody, targets] = await Promise.all([
    admin.list(SecretTasks, { namespace, labelSelector }),
    admin.list(Secrets, { namespace: CUSTODY_NAMESPACE, labelSelector }),
    admin.list(Secrets, { namespace, labelSelector }),
  ])
  return { credential, tasks: tasks.items, secrets: [...custody.items, ...targets.items] }
}
