import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import { ApiError } from '../../../src/kube/errors.ts'
import type { WatchEvent, WatchOptions } from '../../../src/kube/port.ts'
import { watchEvent } from '../api-server/api-server.ts'
import { denial } from '../api-server/rights.ts'
import type { ObjectChange } from '../observe/facts.ts'
import { standingOf } from '../standing.ts'
import { cut, REFUSALS } from './errors.ts'
import type { Connection } from './operator-api.ts'

/** Far behind, and still in order. */
const LAG_MS = 20_000

type Line<T> = { readonly event: WatchEvent<T> } | { readonly end: true } | { readonly error: Error }

/** How a stream ends instead of telling of a change, by the name of the fault. */
const ENDS: Readonly<Record<string, () => { readonly end: true } | { readonly error: Error }>> = {
  cut: () => ({ error: cut() }),
  closed: () => ({ end: true }),
  expired: () => ({ error: new ApiError('Expired', 'too old', { code: 410 }) }),
}

/** A watch stream: lines arrive one after the other, each an event of its own, until it ends or is cut. */
export async function* openWatch<T extends KubeObject>(
  { server, scheduler, life, view, weather, meet, latency }: Connection,
  resource: Resource<T>,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>> {
  const lines: Line<T>[] = []
  let wake = () => {}
  const stream = { open: true, mute: false }
  let readyAt = 0
  const arrive = (line: Line<T>, ms: number) => {
    readyAt = Math.max(readyAt, scheduler.now() + ms)
    scheduler.after(readyAt - scheduler.now(), `watch ${resource.plural}`, () => {
      life.deliver('watch', () => {
        if (!stream.open || stream.mute) return
        lines.push(line)
        wake()
      })
    })
  }
  const send = (change: ObjectChange) => {
    const event = watchEvent(change, options) as WatchEvent<T> | undefined
    if (event === undefined || !life.alive) return
    const place = `watch ${resource.plural}`
    const standing = standingOf(resource.plural, change.object)
    const fault = meet(place, standing) ?? (weather.refusal(place) ? 'cut' : '')
    if (fault === 'silent') stream.mute = true
    const line = ENDS[fault]?.() ?? { event }
    arrive(line, Math.max(view.delayMs(change.revision), fault === 'lag' ? LAG_MS : latency()))
  }
  const opening = `open watch ${resource.plural}`
  const refusal =
    REFUSALS[meet(opening) ?? '']?.() ?? weather.refusal(opening) ?? denial(`watch ${resource.plural}`, resource)
  if (refusal) {
    await new Promise<void>((resolve) => {
      scheduler.after(latency(), opening, () => {
        life.deliver('answer', resolve)
      })
    })
    throw refusal
  }
  for (const change of server.since(resource, Number(options.resourceVersion))) send(change)
  const stop = server.subscribe((change) => {
    if (change.resource.plural === resource.plural) send(change)
  })
  const close = () => {
    stream.open = false
    wake()
  }
  options.signal.addEventListener('abort', close, { once: true })
  const timeout = life.clock.after(options.timeoutSeconds * 1000, () => {
    arrive({ end: true }, 0)
  })
  const stopBookmarks = bookmarks(scheduler, () => {
    arrive({ event: bookmark(resource, view.revision) }, latency())
  })
  const leave = () => {
    stream.open = false
    stop()
    stopBookmarks()
  }
  life.onEnd(leave)
  try {
    while (stream.open) {
      const line = lines.shift()
      if (line === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      } else if ('event' in line) yield line.event
      else if ('error' in line) throw line.error
      else return
    }
  } finally {
    timeout()
    leave()
  }
}

const bookmark = <T extends KubeObject>(resource: Resource<T>, revision: number): WatchEvent<T> => ({
  type: 'BOOKMARK',
  object: { kind: resource.kind, metadata: { name: '', uid: '', resourceVersion: String(revision) } } as unknown as T,
})

/** Once a minute, as the API server sends them. */
function bookmarks(scheduler: Connection['scheduler'], send: () => void): () => void {
  let cancel = () => {}
  const next = () => {
    cancel = scheduler.after(60_000, 'bookmark', () => {
      send()
      next()
    })
  }
  next()
  return () => {
    cancel()
  }
}
