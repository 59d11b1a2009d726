import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { linesOf } from './lines.ts'

/** Far behind, and still in order. */
const LAG_MS = 3_000

const EXPIRED = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', message: 'gone', code: 410 }

/** Passes a watch stream on, event by event, and lets each meet its fault. Resolves when the stream is over. */
export async function passWatch(
  from: IncomingMessage,
  to: ServerResponse,
  meet: () => string | undefined,
): Promise<void> {
  to.flushHeaders()
  try {
    for await (const line of linesOf(from)) await passLine(line, to, isBookmark(line) ? undefined : meet())
    to.end()
  } catch {
    to.destroy()
  }
}

/** Throws where the stream ends with this line, or says nothing more. */
async function passLine(line: string, to: ServerResponse, fault: string | undefined): Promise<void> {
  switch (fault) {
    case 'cut':
      await written(to, line.slice(0, line.length / 2))
      throw new Error('cut in the middle of a line')
    case 'closed':
      to.end()
      await new Promise((resolve) => to.once('close', resolve))
      throw new Error('ended')
    case 'expired':
      await written(to, `${JSON.stringify({ type: 'ERROR', object: EXPIRED })}\n`)
      throw new Error('ended')
    case 'silent':
      // Until the operator gives it up.
      await new Promise((resolve) => to.once('close', resolve))
      throw new Error('silent')
    case 'lag':
      await sleep(LAG_MS)
      break
    default:
  }
  await written(to, `${line}\n`)
}

const isBookmark = (line: string): boolean => line.startsWith('{"type":"BOOKMARK"')

const written = (to: ServerResponse, text: string): Promise<void> =>
  new Promise((resolve) => {
    to.write(text, () => {
      resolve()
    })
  })
