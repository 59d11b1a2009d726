import type { Logger } from '../../src/runtime/logger.ts'

const nothing = () => undefined

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** Keeps what is logged at `warn` and above. */
export function recordingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = []
  const keep = (_: object, message: string) => {
    lines.push(message)
  }
  return { ...silentLogger, lines, warn: keep, error: keep }
}
