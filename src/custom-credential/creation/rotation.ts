import { createHash } from 'node:crypto'
import { Cron } from 'croner'
import { parseDuration } from '../../api/duration.ts'
import type { CredentialVersion, CustomCredential, RotationWindow } from '../../api/generated.ts'
import { memory } from '../../api/memory.ts'

type Dated = Pick<CredentialVersion, 'createdAt' | 'expiresAt'>

/**
 * When a version is to be replaced by itself, in milliseconds since the epoch; never without interval. With windows: as soon
 * as its interval has passed and one is open, as of `now`; but before its end in any case, however far off the next one is,
 * and however long an interval was made since.
 */
export function rotationDue({ metadata, spec }: CustomCredential, version: Dated, now: number): number {
  const { interval, window, jitter = '0s' } = spec.rotation ?? {}
  if (interval === undefined) return Infinity
  const late = (mostMs: number): number => Math.floor(shareOf(metadata.uid) * mostMs)
  const due = Date.parse(version.createdAt) + parseDuration(interval)
  if (window === undefined) return inTime(due + late(parseDuration(jitter)), version)
  const start = windowProblem(window) === undefined ? opening(window, Math.max(due, now)) : Infinity
  // The last of them have some of the window left, for another try.
  const spread = late(Math.min(parseDuration(jitter), 0.9 * parseDuration(window.duration)))
  return inTime(Math.min(Math.max(due, start + spread), Math.max(due, lastMoment(version))), version)
}

/**
 * An interval and a `ttl` that were raised together are for later versions: this one ends as it was made, and is replaced before
 * it is at risk of that.
 */
const inTime = (due: number, version: Dated): number =>
  version.expiresAt !== undefined && due >= Date.parse(version.expiresAt) ? beforeEnd(version, 0.2) : due

/** The last tenth of a version's life: from then on it is at risk of its end. */
export const lastMoment = (version: Dated): number => beforeEnd(version, 0.1)

const beforeEnd = ({ createdAt, expiresAt }: Dated, share: number): number =>
  expiresAt === undefined ? Infinity : Date.parse(expiresAt) - (Date.parse(expiresAt) - Date.parse(createdAt)) * share

/** Begin of the window that is open at `moment`, or of the next one; Infinity where none will ever be. Throws as `Cron`. */
function opening(window: RotationWindow, moment: number): number {
  const lastStart = cronOf(window).nextRun(new Date(moment - parseDuration(window.duration)))
  return lastStart?.getTime() ?? Infinity
}

/** Five fields, in the wall time of an IANA zone: an hour that is left out when clocks are set forward is made up for. */
const cronOf = ({ schedule, timeZone = 'UTC' }: RotationWindow): Cron =>
  new Cron(schedule, { timezone: timeZone, mode: '5-part' })

/** A schedule that never comes is looked for far into the future. */
const problemOf = memory<string | undefined>()

/** Why the window can not be told, or will never open; undefined where it can. */
export function windowProblem(window: RotationWindow): string | undefined {
  return problemOf(JSON.stringify([window.schedule, window.timeZone]), () => lookFor(window))
}

function lookFor(window: RotationWindow): string | undefined {
  try {
    if (opening(window, 0) < Infinity) return undefined
    return `spec.rotation.window never opens: no date fits the schedule "${window.schedule}". Correct it.`
  } catch (error) {
    const fix = 'Use the five fields of cron in schedule (0 2 * * 6), and a name such as Europe/Berlin in timeZone.'
    return `spec.rotation.window can not be read: ${(error as Error).message} ${fix}`
  }
}

/** A number from 0 to 1, always the same for a credential, and evenly spread over many. */
const shareOf = (uid: string): number => createHash('sha256').update(uid).digest().readUInt32BE() / 2 ** 32
