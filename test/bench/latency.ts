import { setTimeout as sleep } from 'node:timers/promises'
import { answeredAt, percentile, type TimedEvent, wasAccepted } from './figures.ts'
import { declare, type Place } from './load.ts'
import { DEVELOPER, OPERATOR, type Stage } from './stage.ts'
import type { Run } from './stand-in.ts'

/** Milliseconds. */
export interface Latency {
  readonly samples: number
  readonly p50: number
  readonly p99: number
}

export interface Latencies {
  /** From the answer to the developer's create to the answer to the operator's: the Job is there. */
  readonly credentialToJob: Latency
  /** From the container's connecting to the task gateway to the answer to the write of the target Secret. */
  readonly reportToSecret: Latency
}

/** Declares credentials at a steady rate, whatever becomes of the ones before. */
export async function declareSteadily(
  { developer }: Stage,
  places: readonly Place[],
  perSecond: number,
): Promise<void> {
  const startedAt = performance.now()
  const pending = places.map(async (place, index) => {
    await sleep(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()))
    await declare(developer)(place)
  })
  await Promise.all(pending)
}

/** Both ends of each interval are the API server's own clock; the report's beginning is ours, of the same machine. */
export function latencies(events: readonly TimedEvent[], runs: readonly Run[]): Latencies {
  const accepted = events.filter(wasAccepted)
  const declared = firstAnswers(accepted, DEVELOPER, 'customcredentials')
  const jobs = firstAnswers(accepted, OPERATOR, 'jobs')
  const secrets = firstAnswers(accepted, OPERATOR, 'secrets')
  const jobOf = ({ taskId, credential }: Run) => jobs.get(`${credential.split('/')[0] ?? ''}/${taskId}`)
  return {
    credentialToJob: summary(runs.map((run) => between(declared.get(run.credential), jobOf(run)))),
    reportToSecret: summary(runs.map((run) => between(run.reportedAt, secrets.get(run.credential)))),
  }
}

/** When the first change of each object was answered, by `namespace/name`. */
function firstAnswers(events: readonly TimedEvent[], username: string, resource: string): Map<string, number> {
  const first = new Map<string, number>()
  for (const event of events) {
    const { namespace = '', name = '', subresource } = event.objectRef ?? {}
    const isIt = event.user.username === username && event.objectRef?.resource === resource && subresource === undefined
    if (!isIt || (event.verb !== 'create' && event.verb !== 'patch')) continue
    const key = `${namespace}/${name}`
    first.set(key, Math.min(first.get(key) ?? Infinity, answeredAt(event)))
  }
  return first
}

const between = (start: number | undefined, end: number | undefined): number => (end ?? NaN) - (start ?? NaN)

function summary(values: readonly number[]): Latency {
  const known = values.filter((value) => !Number.isNaN(value))
  return { samples: known.length, p50: percentile(known, 50), p99: percentile(known, 99) }
}
