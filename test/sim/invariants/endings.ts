import type { SecretTask } from '../../../src/api/generated.ts'
import { label } from '../../../src/api/labels.ts'
import { CustomCredentials, OrphanedCredentials, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import { isAsked } from '../../../src/orphaned-credential/decide.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, first, isOperator, isOrphaned, ours, untilRobbed } from './reading.ts'

/** Remembers whose task each task was, by UID of the credential. */
function owners() {
  const known = new Map<string, string>()
  return {
    learn(fact: Fact): void {
      const task = changeOf(fact, SecretTasks)
      if (task?.type === 'added') known.set(task.object.metadata.name, task.object.spec.credential.uid)
    },
    /** Undefined where the task was never seen. */
    of: (taskId: string): string | undefined => known.get(taskId),
  }
}

function nothingLeftBehind(): Checker {
  const tasks = owners()
  return {
    on(fact, state) {
      tasks.learn(fact)
      const gone = changeOf(fact, CustomCredentials)
      if (gone?.type !== 'deleted') return undefined
      const { name, uid } = gone.object.metadata
      const left = ours(state).find((live) => tasks.of(live.originTaskId) === uid && !isOrphaned(state, live))
      return left && `${name} is gone and ${left.credentialsId} exists upstream, owed by nothing`
    },
  }
}

function namesakesApart(): Checker {
  const tasks = owners()
  const isForeign = (taskId: string, uid: string): boolean => (tasks.of(taskId) ?? uid) !== uid
  return {
    on(fact) {
      tasks.learn(fact)
      const task = changeOf(fact, SecretTasks)
      if (task?.type === 'added') {
        const { originTaskId = '', credential } = task.object.spec
        if (!isForeign(originTaskId, credential.uid)) return undefined
        return `${task.object.metadata.name} is to delete what ${originTaskId} made for another credential`
      }
      const change = changeOf(fact, CustomCredentials)
      if (change === undefined || change.type === 'deleted') return undefined
      const { metadata, status } = change.object
      const named = [
        ...(status.versions ?? []).map(({ taskId }) => taskId),
        ...(status.unresolved ?? []).map(({ originTaskId }) => originTaskId),
      ]
      const foreign = named.find((taskId) => isForeign(taskId, metadata.uid))
      return foreign && `${metadata.name} (${metadata.uid}) names ${foreign}, which ran for another credential`
    },
  }
}

/**
 * Only where the ID is known: a `find` is repeated where its run may have made something after all. A task counts once it
 * is claimed: one that was on its way when its sender died may still be made, and is not run. Its record counts as long as it
 * is there: what others take away before the credential's status could tell is not known any more.
 */
function deletedOnce(): Checker {
  const done = new Set<string>()
  return {
    on(fact, state) {
      const task = changeOf(fact, SecretTasks)
      const { originTaskId, credentialsId } = task?.object.spec ?? {}
      if (task === undefined || credentialsId === undefined) return undefined
      const owed = `${originTaskId}/${credentialsId}`
      if (task.object.status.state === 'credentials_deleted') done.add(owed)
      if (task.type === 'deleted' && !isOperator(task.by) && isOwed(state, task.object.spec)) done.delete(owed)
      const isRepeated = task.object.status.state === 'processing' && done.has(owed) && !isAskedFor(state, task.object)
      return isRepeated ? `${task.object.metadata.name} deletes ${credentialsId} again` : undefined
    },
  }
}

/** A person has asked for it, of an orphan that a dead process may have made late: nobody knew any more that it was done. */
const isAskedFor = (state: State, { metadata }: SecretTask): boolean =>
  first(
    state,
    OrphanedCredentials,
    (orphan) => orphan.metadata.name === metadata.labels?.[label.orphan] && isAsked(orphan),
  ) !== undefined

const isOwed = (state: State, spec: SecretTask['spec']): boolean =>
  first(state, CustomCredentials, ({ status }) =>
    (status.unresolved ?? []).some(
      (owed) => owed.originTaskId === spec.originTaskId && owed.credentialsId === spec.credentialsId,
    ),
  ) !== undefined ||
  first(
    state,
    OrphanedCredentials,
    (orphan) => orphan.spec.originTaskId === spec.originTaskId && orphan.spec.credentialsId === spec.credentialsId,
  ) !== undefined

/** What a dead process has sent may come late: only what the leader does counts. */
const leftAsAsked = (): Checker => ({
  on(fact, state) {
    const secret = changeOf(fact, Secrets)
    if (secret?.type !== 'deleted' || !isOperator(secret.by) || secret.by !== state.leader) return undefined
    const { namespace, name, labels } = secret.object.metadata
    const owner = first(state, CustomCredentials, ({ metadata }) => metadata.uid === labels?.[label.credentialUid])
    if (owner?.metadata.namespace !== namespace || owner?.spec.target?.deletionPolicy !== 'Retain') return undefined
    return owner.status.target?.name === name
      ? `Secret ${name} was removed with its credential, whose spec wants it to stay`
      : undefined
  },
})

export const endings: readonly Invariant[] = [
  {
    id: 'S15',
    says: 'A credential goes only when all that its tasks made is gone upstream, owed by an OrphanedCredential, or left to people by its spec.',
    begin: untilRobbed(nothingLeftBehind),
  },
  {
    id: 'S15 target',
    says: 'A target Secret that is to outlive its credential is not removed by the operator.',
    begin: leftAsAsked,
  },
  {
    id: 'S16',
    says: 'A credential names, and deletes what was made by, only tasks of its own UID, never those of a namesake.',
    begin: namesakesApart,
  },
  {
    id: 'S24',
    says: 'No delete task runs for credentials that another one has deleted.',
    begin: untilRobbed(deletedOnce),
  },
]
