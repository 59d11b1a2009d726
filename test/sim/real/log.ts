import type { Actor, ProcessFailed, TextWritten } from '../observe/facts.ts'

interface Line {
  readonly msg?: string
  readonly err?: { readonly type?: string; readonly message?: string }
}

/**
 * What the log of a process says: each line, and the error that it has ended by. One that cannot reach the API server when
 * it starts ends as well, and is started anew by its kubelet: only what has begun to serve is said to have failed.
 */
export function factsOfLog(log: string, by: Actor): readonly (TextWritten | ProcessFailed)[] {
  const lines = log.split('\n').filter((line) => line !== '')
  const read = lines.map(parsed)
  const hasServed = read.some(({ msg }) => msg === 'task gateway is listening')
  const { err } = read.find(({ msg }) => msg === 'the operator has stopped') ?? {}
  const crash = lines.find((line) => /unhandled|uncaught/i.test(line))
  const why = err && hasServed ? `${err.type ?? 'Error'}: ${err.message ?? ''}` : crash
  return [
    ...lines.map((text) => ({ kind: 'text', by, text }) as const),
    ...(why === undefined ? [] : [{ kind: 'failed', by, why } as const]),
  ]
}

/** What comes from Node itself is no JSON. */
function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line
  } catch {
    return {}
  }
}
