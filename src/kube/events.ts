import type { KubeObject, Resource } from '../api/meta.ts'
import type { Clock, Random } from '../runtime/clock.ts'
import { Fifo } from '../runtime/fifo.ts'
import type { Logger } from '../runtime/logger.ts'
import { microTime } from './micro-time.ts'
import type { KubeApi } from './port.ts'

/** What an event is about. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

export interface EventRecord {
  readonly regarding: ObjectReference
  readonly type: 'Normal' | 'Warning'
  /** CamelCase: why, as a program reads it. */
  readonly reason: string
  /** CamelCase: what was done or tried. */
  readonly action: string
  /** For people; the API server takes 1 kB. No secrets. */
  readonly note: string
}

export interface EventRecorder {
  /** Sends in the background, or not at all. Never throws. */
  record(event: EventRecord): void
  /** Resolves when everything recorded so far has been sent or given up. */
  flush(): Promise<void>
}

interface Event extends KubeObject {
  readonly eventTime: string
  readonly reportingController: string
  readonly reportingInstance: string
  readonly regarding: ObjectReference
  readonly type: string
  readonly reason: string
  readonly action: string
  readonly note: string
  readonly series?: Series
}

interface Series {
  readonly count: number
  readonly lastObservedTime: string
}

const events: Resource<Event> = {
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
}

/** The same event again within this time is counted, not repeated. */
const seriesMs = 5 * 60_000
/**
 * Beyond this, events are dropped: they are a courtesy, and must not cost memory when the API server is away. Those of type
 * Normal are dropped earlier, so that no crowd of them displaces a warning.
 */
const longestQueue = 1_000
const longestNormalQueue = 500
/** UTF-8 bytes. */
const longestNote = 1_024

/** An event that may be repeated. */
interface Occurrence {
  readonly namespace: string
  readonly name: string
  readonly type: EventRecord['type']
  count: number
  lastAt: number
  writtenAt: number
}

export interface EventRecorderOptions {
  readonly api: KubeApi
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Name of the controller in events, e.g. `customcredentials.dev/operator`. */
  readonly controller: string
  /** Name of this process, e.g. the pod's. */
  readonly instance: string
}

/** Writes events.k8s.io/v1 events, one at a time, with repetitions counted in a series. Best effort. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { api, clock, random, logger } = options
  const queue = new Fifo<() => Promise<unknown>>()
  const occurrences = new Map<string, Occurrence>()
  let sending: Promise<void> | undefined

  const send = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      try {
        await next()
      } catch (error) {
        logger.debug({ err: error }, 'an event was not written')
      }
    }
    sending = undefined
  }
  const enqueue = (type: EventRecord['type'], write: () => Promise<unknown>) => {
    if (queue.size >= (type === 'Normal' ? longestNormalQueue : longestQueue)) return
    queue.push(write)
    sending ??= send()
  }

  /** Drops what can no longer be repeated. Occurrences are held in the order of their last time. */
  const expire = () => {
    for (const [identity, occurrence] of occurrences) {
      if (clock.monotonic() - occurrence.lastAt <= seriesMs) return
      occurrences.delete(identity)
    }
  }

  const repeat = (occurrence: Occurrence) => {
    occurrence.count += 1
    // Counts 2, 4, 8 ... are written, and one in five minutes, lest the event expires while it still happens.
    const now = clock.monotonic()
    if (!Number.isInteger(Math.log2(occurrence.count)) && now - occurrence.writtenAt < seriesMs) return
    occurrence.writtenAt = now
    const { namespace, name, count } = occurrence
    const series: Series = { count, lastObservedTime: microTime(clock.now()) }
    const operations = [{ op: 'add', path: '/series', value: series }] as const
    enqueue(occurrence.type, () => api.patch(events, { namespace, name }, { operations }))
  }

  const begin = (event: EventRecord): Occurrence => {
    const suffix = Math.floor(random() * 0xffff_ffff).toString(16).padStart(8, '0') // prettier-ignore
    // The API server keeps the events of what is cluster-scoped in `default`.
    const namespace = event.regarding.namespace ?? 'default'
    const name = `${event.regarding.name.slice(0, 200)}.${clock.now().toString(16)}${suffix}`
    const { controller, instance } = options
    const manifest = {
      ...event,
      metadata: { namespace, name },
      note: fitting(event.note),
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance.slice(0, 128),
    }
    enqueue(event.type, () => api.create(events, manifest))
    return { namespace, name, type: event.type, count: 1, lastAt: 0, writtenAt: clock.monotonic() }
  }

  return {
    record(event) {
      expire()
      const { regarding, type, reason, action, note } = event
      const identity = JSON.stringify([regarding.uid, type, reason, action, note])
      const known = occurrences.get(identity)
      if (known) repeat(known)
      const occurrence = known ?? begin(event)
      occurrence.lastAt = clock.monotonic()
      // Set anew, so that the map stays in the order of last times.
      occurrences.delete(identity)
      occurrences.set(identity, occurrence)
    },
    async flush() {
      await sending
    },
  }
}

/** A longer note is refused. `encodeInto` writes no part of a character. */
function fitting(note: string): string {
  const room = Buffer.alloc(longestNote)
  const { written } = new TextEncoder().encodeInto(note, room)
  return room.toString('utf8', 0, written)
}
