import type { CustomCredential, PinnedProvider, SecretTask } from '../../../src/api/generated.ts'
import { annotation, finalizer, label } from '../../../src/api/labels.ts'
import type { KubeObject } from '../../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  Jobs,
  SecretTasks,
} from '../../../src/api/resources.ts'
import type { Fact } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, isOpen, isOperator, untilRobbed } from './reading.ts'
import { MINUTE } from './waits.ts'

/** That a provider is being deleted is heard of, and a task that was ordered before is on its way, for so long. */
const HEARSAY_MS = 5 * MINUTE

const KINDS = [CredentialsProviders, ClusterCredentialsProviders]

const providerIn = (fact: Fact) =>
  changeOf<KubeObject>(fact, CredentialsProviders) ?? changeOf<KubeObject>(fact, ClusterCredentialsProviders)

const isHeld = ({ metadata }: KubeObject): boolean => metadata.finalizers?.includes(finalizer.inUse) === true

/** An orphan runs from its kit: it needs no provider. */
const isOwn = ({ metadata }: KubeObject): boolean => metadata.labels?.[label.orphan] === undefined

interface Made {
  readonly provider: Pick<PinnedProvider, 'uid'> | undefined
  /** The task that has made it, or is to. */
  readonly taskId: string
}

const madeFor = ({ status: { versions = [], unresolved = [] } }: CustomCredential): Made[] => [
  ...versions,
  ...unresolved.map(({ provider, originTaskId: taskId }) => ({ provider, taskId })),
]

const madeIn = (name: string, { provider, originTaskId: taskId = name }: SecretTask['spec']): Made => ({
  provider,
  taskId,
})

const madeByTask = (task: SecretTask): Made[] =>
  isOwn(task) && isOpen(task.status.state) ? [madeIn(task.metadata.name, task.spec)] : []

function madeByJob(job: KubeObject): Made[] {
  const { name, finalizers, annotations } = job.metadata
  const text = annotations?.[annotation.taskSpec]
  const isHeldBack = finalizers?.includes(finalizer.jobRelease) === true
  return text !== undefined && isOwn(job) && isHeldBack ? [madeIn(name, JSON.parse(text) as SecretTask['spec'])] : []
}

/** What the provider has made, and is on record as not known to be gone. */
function madeBy(uid: string, state: State): Set<string> {
  const made = [
    ...[...state.all(CustomCredentials).values()].flatMap(madeFor),
    ...[...state.all(SecretTasks).values()].flatMap(madeByTask),
    ...[...state.all(Jobs).values()].flatMap(madeByJob),
  ]
  return new Set(made.filter(({ provider }) => provider?.uid === uid).map(({ taskId }) => taskId))
}

/** By what was there when its deletion was asked for: an order that was on its way then may arrive when it has gone. */
function staysInUse(): Checker {
  const wanted = new Map<string, ReadonlySet<string>>()
  return {
    on(fact, state) {
      const provider = providerIn(fact)
      if (provider === undefined) return undefined
      const { uid, name, deletionTimestamp } = provider.object.metadata
      if (deletionTimestamp !== undefined && !wanted.has(uid)) wanted.set(uid, madeBy(uid, state))
      if (provider.type !== 'deleted' || !isOperator(provider.by)) return undefined
      const left = [...madeBy(uid, state)].find((taskId) => wanted.get(uid)?.has(taskId))
      return left && `provider ${name} is gone, and what ${left} has made with it is not`
    },
  }
}

function makesNothing(): Checker {
  const deletedAt = new Map<string, number>()
  return {
    on(fact, { now }) {
      const provider = providerIn(fact)?.object.metadata
      if (provider?.deletionTimestamp !== undefined && !deletedAt.has(provider.uid)) deletedAt.set(provider.uid, now)
      const task = changeOf(fact, SecretTasks)
      if (task?.type !== 'added' || task.object.spec.type !== 'create_credentials') return undefined
      const { metadata, spec } = task.object
      const isLate = now - (deletedAt.get(spec.provider.uid) ?? Infinity) > HEARSAY_MS
      return isLate ? `${metadata.name} is made for ${spec.provider.name}, which is being deleted` : undefined
    },
  }
}

function heldAsUsed(state: State): string | undefined {
  for (const kind of KINDS) {
    for (const provider of state.all<KubeObject>(kind).values()) {
      const { uid, name, deletionTimestamp } = provider.metadata
      const isUsed = madeBy(uid, state).size > 0
      if (isUsed && !isHeld(provider) && deletionTimestamp === undefined)
        return `provider ${name} is used, and not held`
      if (!isUsed && isHeld(provider) && deletionTimestamp !== undefined)
        return `provider ${name} was deleted, and nothing uses it, and it is still there`
    }
  }
  return undefined
}

export const holds: readonly Invariant[] = [
  {
    id: 'S35 provider',
    says: 'The operator lets a provider go only when nothing is left of what it had made when its deletion was asked for.',
    begin: untilRobbed(staysInUse),
  },
  {
    id: 'S20 deleted',
    says: 'Nothing is made with a provider that is being deleted.',
    begin: makesNothing,
  },
  {
    id: 'L5 provider',
    says: 'At rest a provider that is used is held, and one that was deleted and is not used is gone.',
    begin: untilRobbed((): Checker => ({ atRest: heldAsUsed })),
  },
]
