import type { KubeObject } from '../api/meta.ts'
import { ApiError } from './errors.ts'
import type { WatchEvent } from './port.ts'
import { toApiError } from './status.ts'

/** Ten times what etcd stores as one object. */
const longestLine = 16 * 1024 * 1024

/**
 * Splits a byte stream at LF only: inside a JSON text U+2028 and its kin are ordinary characters, though general line
 * readers split there. A stream that ends within a line was cut, so that is an error.
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let parts: string[] = []
  let length = 0
  for await (const chunk of chunks) {
    const [first = '', ...rest] = decoder.decode(chunk, { stream: true }).split('\n')
    parts.push(first)
    length += first.length
    if (length > longestLine)
      throw new ApiError('ServerError', `a watch event is longer than ${longestLine} characters`)
    for (const next of rest) {
      yield parts.join('')
      parts = [next]
      length = next.length
    }
  }
  if (length > 0) throw new ApiError('ConnectionFailed', 'the watch stream ended in the middle of an event')
}

/** Reads one line of a watch stream. What cannot be understood is an error: a skipped event would be lost for good. */
export function parseWatchEvent<T extends KubeObject>(line: string): WatchEvent<T> {
  const { type, object } = parse(line)
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
    case 'BOOKMARK':
      if (!hasVersion(object)) throw unreadable(line)
      return { type, object: object as T }
    case 'ERROR': {
      const status = (object ?? {}) as { code?: number }
      throw toApiError({ code: status.code ?? 500, body: status })
    }
    default:
      throw unreadable(line)
  }
}

function parse(line: string): { type?: unknown; object?: unknown } {
  try {
    const parsed = JSON.parse(line) as unknown
    if (typeof parsed === 'object' && parsed !== null) return parsed
  } catch {
    // Reported below, without the parser's message, which quotes the text.
  }
  throw unreadable(line)
}

const hasVersion = (object: unknown): boolean =>
  typeof (object as { metadata?: { resourceVersion?: unknown } } | undefined)?.metadata?.resourceVersion === 'string'

const unreadable = (line: string): ApiError =>
  new ApiError('ServerError', `the watch stream holds an event of ${line.length} characters that cannot be read`)
