import type { SecretTask, SecretTaskSpec, SecretTaskStatus, TaskError } from '../../src/api/generated.ts'
import { createTaskId, deleteTaskId } from '../../src/api/task-id.ts'
import type { RunFacts } from '../../src/secret-task/run-facts.ts'
import type { CustodyFacts } from '../../src/custom-credential/snapshot.ts'
import { at, KIT, maker } from './builders.ts'
import { aSpec, CREDENTIAL_UID } from './task-run.ts'

/** A run, and all the evidence of it that there can be: its task, its Job, and what it left in custody. */
export class TaskBuilder {
  readonly object: SecretTask

  constructor(object: SecretTask) {
    this.object = object
  }

  queued(): TaskBuilder {
    return this.status({ state: 'queued' })
  }

  processing(since = at()): TaskBuilder {
    return this.status({ state: 'processing', startedAt: since })
  }

  /** Its credentials are `role-<version>` unless said otherwise. */
  created(credentialsId = `role-${this.object.spec.version}`, when = at()): TaskBuilder {
    return this.status({
      state: 'credentials_created',
      outcome: 'Created',
      result: { credentialsId },
      startedAt: at(),
      finishedAt: when,
    })
  }

  deleted(when = at()): TaskBuilder {
    return this.status({ state: 'credentials_deleted', outcome: 'Deleted', finishedAt: when })
  }

  failed(outcome: 'Nothing' | 'Unknown', when = at(), error: TaskError = anError()): TaskBuilder {
    const { metadata, spec } = this.object
    const jobRef = { namespace: spec.jobNamespace, name: metadata.name, uid: this.job().uid }
    return this.status({ state: 'failed', outcome, errors: [error], finishedAt: when, jobRef })
  }

  suspect(why: string): TaskBuilder {
    return this.status({ ...this.object.status, suspect: why })
  }

  /** What it waits for. */
  saying(message: string): TaskBuilder {
    return this.status({ ...this.object.status, message })
  }

  answering(annotations: Readonly<Record<string, string>>): TaskBuilder {
    return new TaskBuilder({ ...this.object, metadata: { ...this.object.metadata, annotations } })
  }

  spec(more: Partial<SecretTaskSpec>): TaskBuilder {
    return new TaskBuilder({ ...this.object, spec: { ...this.object.spec, ...more } })
  }

  status(status: SecretTaskStatus): TaskBuilder {
    return new TaskBuilder({ ...this.object, status })
  }

  get id(): string {
    return this.object.metadata.name
  }

  /** Its Job, at work unless said otherwise. */
  job(more: Partial<RunFacts> = {}): RunFacts {
    const { metadata, spec } = this.object
    return {
      namespace: spec.jobNamespace,
      name: metadata.name,
      uid: `job-of-${metadata.uid}`,
      taskUid: metadata.uid,
      spec,
      ended: false,
      failed: false,
      held: true,
      ...more,
    }
  }

  /** The payload that it reported. */
  payload(credentialsId = `role-${this.object.spec.version}`): CustodyFacts {
    return { name: this.id, custody: 'version', taskId: this.id, credentialsId, origin: this.object.spec }
  }

  /** The record of credentials that it reported and that were refused. */
  refusal(credentialsId: string): CustodyFacts {
    const name = `${this.id}-${credentialsId}`
    return { name, custody: 'refused-report', taskId: this.id, credentialsId, origin: this.object.spec }
  }
}

export const anError = (code = 'UpstreamDown'): TaskError => ({ code, description: 'no route to host' })

const aTask = (name: string, spec: SecretTaskSpec): TaskBuilder =>
  new TaskBuilder({
    metadata: { namespace: 'team-a', name, uid: `uid-of-${name}`, resourceVersion: '1', creationTimestamp: at() },
    spec,
    status: { state: 'queued' },
  })

/** The run that makes a version. */
export const aCreation = (version = 1, attempt = 1): TaskBuilder =>
  aTask(createTaskId(CREDENTIAL_UID, { version, attempt }), aSpec({ version, attempt }))

interface Deletion {
  readonly attempt?: number
  /** Undefined: what the version's run made is to be found. */
  readonly credentialsId?: string | undefined
}

/** A run that deletes the credentials of a version: `role-<version>`, unless said otherwise. */
export function aDeletion(version = 1, { attempt = 1, ...more }: Deletion = {}): TaskBuilder {
  const credentialsId = 'credentialsId' in more ? more.credentialsId : `role-${version}`
  const identity = { originTaskId: maker(version), ...(credentialsId !== undefined && { credentialsId }) }
  const id = deleteTaskId(CREDENTIAL_UID, { ...identity, attempt })
  const trigger = 'manual_secret_rotation'
  return aTask(id, aSpec({ type: 'delete_credentials', trigger, version, attempt, ...identity }))
}

/** A revocation kit as custody shows it. */
export const aKit = (name = KIT): CustodyFacts => ({
  name,
  custody: 'revocation-kit',
  taskId: undefined,
  credentialsId: undefined,
  origin: undefined,
})
