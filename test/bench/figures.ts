import type { AuditLog } from '../cluster/index.ts'
import { type AuditEvent } from '../cluster/index.ts'

/** An audit event with the API server's own clock: when the request came, and when its answer had been sent. */
export interface TimedEvent extends AuditEvent {
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
}

/** What one user asked of the API server. The lease and Kubernetes events are apart: they are not on a task's path. */
export interface Tally {
  /** Accepted changes. */
  readonly writes: number
  /** Changes that were refused, conflicts among them. */
  readonly refused: number
  /** `get` and `list`; watches are not counted, they stay open. */
  readonly reads: number
  readonly tokenReviews: number
  readonly events: number
  /** Accepted changes by verb and resource, e.g. `patch secrettasks/status`. */
  readonly byKind: Readonly<Record<string, number>>
}

const CHANGES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

export function tally(events: readonly AuditEvent[], username: string): Tally {
  const own = events.filter(({ user, objectRef }) => user.username === username && objectRef?.resource !== 'leases')
  const [notes, work] = split(own, ({ objectRef }) => objectRef?.resource === 'events')
  const [reviews, rest] = split(work, ({ objectRef }) => objectRef?.resource === 'tokenreviews')
  const [accepted, refused] = split(rest.filter(isChange), wasAccepted)
  return {
    writes: accepted.length,
    refused: refused.length,
    reads: rest.filter(({ verb }) => verb === 'get' || verb === 'list').length,
    tokenReviews: reviews.length,
    events: notes.length,
    byKind: Object.fromEntries([...countBy(accepted, kindOf)].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** A change of what is stored; the review of a token stores nothing. */
export const isChange = ({ verb, objectRef, requestURI }: AuditEvent): boolean =>
  CHANGES.has(verb) && objectRef?.resource !== 'tokenreviews' && !requestURI.includes('dryRun=')

export const wasAccepted = ({ responseStatus }: AuditEvent): boolean => (responseStatus?.code ?? 500) < 300

export const answeredAt = ({ stageTimestamp }: TimedEvent): number => toMs(stageTimestamp)
export const receivedAt = ({ requestReceivedTimestamp }: TimedEvent): number => toMs(requestReceivedTimestamp)

export const timed = (log: AuditLog): TimedEvent[] => log.events() as TimedEvent[]

export const median = (values: readonly number[]): number => percentile(values, 50)

/** The smallest value that at least `percent` percent of the values do not exceed; NaN of none. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN
}

/** `Date` drops the microseconds that the API server writes. */
function toMs(timestamp: string): number {
  const fraction = /\.(\d+)Z$/.exec(timestamp)?.[1] ?? '0'
  return Math.floor(Date.parse(timestamp) / 1000) * 1000 + Number(`0.${fraction}`) * 1000
}

const kindOf = ({ verb, objectRef }: AuditEvent): string =>
  [`${verb} ${objectRef?.resource ?? '?'}`, objectRef?.subresource].filter((part) => part !== undefined).join('/')

function split<T>(values: readonly T[], isFirst: (value: T) => boolean): [T[], T[]] {
  return [values.filter(isFirst), values.filter((value) => !isFirst(value))]
}

function countBy<T>(values: readonly T[], nameOf: (value: T) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(nameOf(value), (counts.get(nameOf(value)) ?? 0) + 1)
  return counts
}
