import { Cron } from 'croner'
import { parseDuration } from '../../../src/api/duration.ts'
import type { CustomCredential, RotationWindow } from '../../../src/api/generated.ts'
import { SecretTasks } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, newestInUse, wanted } from './reading.ts'

/** From the decision to the task that comes of it. */
const WRITE_MS = 60_000

function isOpen({ schedule, timeZone = 'UTC', duration }: RotationWindow, now: number): boolean {
  const since = new Date(now - parseDuration(duration) - WRITE_MS)
  const start = new Cron(schedule, { timezone: timeZone }).nextRun(since)
  return start !== null && start.getTime() <= now
}

/** No window is waited for: the version is near its end, of no use, or lost. */
function isUrgent(credential: CustomCredential, now: number): boolean {
  const newest = newestInUse(credential)
  if (newest?.suspect !== undefined || newest === undefined) return true
  if ((credential.status.unresolved ?? []).some(({ reason }) => reason === 'Undelivered')) return true
  if (newest.expiresAt === undefined) return false
  const [made, ends] = [Date.parse(newest.createdAt), Date.parse(newest.expiresAt)]
  return now >= ends - (ends - made) / 10
}

const inWindow = (): Checker => ({
  on(fact, state: State) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'added' || task.object.spec.type !== 'create_credentials') return undefined
    const { trigger, credential } = task.object.spec
    const owner = wanted(state).find(({ metadata }) => metadata.uid === credential.uid)
    const window = owner?.spec.rotation?.window
    if (trigger !== 'automatic_secret_rotation' || owner === undefined || window === undefined) return undefined
    if (state.clockSetAt > -Infinity || isOpen(window, state.now) || isUrgent(owner, state.now)) return undefined
    return `${task.object.metadata.name} was made while the window of ${owner.metadata.name} was closed`
  },
})

const endedStays = (): Checker => ({
  on(fact, state: State) {
    const task = changeOf(fact, SecretTasks)
    if (task?.type !== 'added' || task.object.spec.trigger !== 'secret_creation') return undefined
    const owner = wanted(state).find(({ metadata }) => metadata.uid === task.object.spec.credential.uid)
    if (task.object.spec.type !== 'create_credentials' || owner?.status.state !== 'destroyed') return undefined
    return `${task.object.metadata.name} was made though the last version of ${owner.metadata.name} has ended`
  },
})

export const windows: readonly Invariant[] = [
  {
    id: 'S29 window',
    says: 'A rotation by interval begins only within a window, but where the end of a version makes it urgent.',
    begin: inWindow,
  },
  {
    id: 'S29 ended',
    says: 'Where the last version has ended none is made as if it were the first.',
    begin: endedStays,
  },
]
