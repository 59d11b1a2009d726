import type { CustomCredential, UnresolvedCredential } from '../../../src/api/generated.ts'
import { CustomCredentials, Jobs, Namespaces, SecretTasks } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { areClocksSet, from, isBusy, isHeld, isTerminating, nextTry } from './bounds.ts'
import { changeOf, first, isExposed, untilRobbed, wanted } from './reading.ts'
import { inTime, MINUTE, NETWORK_MS, type Wait } from './waits.ts'

/** What a status says that is owed for a version. */
const debtFor = ({ status }: CustomCredential, taskId: string): UnresolvedCredential | undefined =>
  status.unresolved?.find(({ originTaskId }) => originTaskId === taskId)

/** Neither a lock, an overlap, a missing successor nor suspension puts it off. */
function triesAtOnce(state: State): Wait[] {
  if (areClocksSet(state)) return []
  return wanted(state).flatMap((credential) => {
    const { metadata, status } = credential
    if (isBusy(state, metadata.uid) || isTerminating(state, credential)) return []
    return (status.versions ?? [])
      .filter((version) => isExposed(version, credential, state) && !isHeld(state, version.taskId))
      .map(({ version, taskId }) => {
        const { attempts = 0, nextAttemptTime } = debtFor(credential, taskId) ?? {}
        return {
          what: `try ${attempts + 1} at version ${version} of ${metadata.name}, which is to go at once`,
          ms: MINUTE + NETWORK_MS,
          ...from(nextTry({ ...(nextAttemptTime !== undefined && { nextAttemptTime }) }), state),
        }
      })
  })
}

/** As far as the status tells that it is owed: by then the operator has heard of it. */
const goneFirst = (): Checker => ({
  on(fact, state) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'added' || task.by !== state.leader || areClocksSet(state)) return undefined
    const { type, credential } = task.object.spec
    const owner = first(state, CustomCredentials, ({ metadata: { uid } }) => uid === credential.uid)
    if (owner === undefined || type !== 'create_credentials') return undefined
    const left = (owner.status.versions ?? []).find((version) => {
      const owed = debtFor(owner, version.taskId)
      if (owed === undefined || nextTry(owed) > state.now) return false
      // Its run has reported by then, and mostly ends in a moment.
      const isStuck = isHeld(state, version.taskId) && state.now - Date.parse(version.createdAt) >= MINUTE
      return !isStuck && isExposed(version, owner, state)
    })
    return (
      left && `${task.object.metadata.name} is made before version ${left.version} is deleted, which is to go at once`
    )
  },
})

export const exposures: readonly Invariant[] = [
  {
    id: 'L4 leak',
    says: 'What people want gone at once is tried within a minute, whoever uses, locks or suspends it, once nothing else of its credential is at work.',
    begin: inTime([CustomCredentials, SecretTasks, Jobs, Namespaces], triesAtOnce),
  },
  {
    id: 'S29 leak',
    says: 'Nothing is made for a credential while a version of it could be deleted that people want gone at once, or its run has just reported it.',
    begin: untilRobbed(goneFirst),
  },
]
