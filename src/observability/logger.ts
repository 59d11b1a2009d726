import { pino } from 'pino'
import type { Logger } from '../runtime/logger.ts'

/**
 * JSON lines; on a terminal, where pino-pretty is installed, text. Only what is named is logged: no request, response or
 * object as a whole, since any of them may carry a secret. `redact` is the second net.
 */
export function createLogger(level: string): Logger {
  const redact = [
    'data',
    '*.data',
    'payload',
    '*.payload',
    'password',
    '*.password',
    'token',
    '*.token',
    'headers',
    '*.headers',
  ]
  const pretty = process.stdout.isTTY ? prettyPrinter() : undefined
  return pino({
    level,
    redact,
    formatters: { level: (name) => ({ level: name }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(pretty !== undefined && { transport: { target: pretty } }),
  })
}

/** A tool for development: no image holds it, though its container may have a terminal. */
function prettyPrinter(): string | undefined {
  try {
    return import.meta.resolve('pino-pretty')
  } catch {
    return undefined
  }
}
