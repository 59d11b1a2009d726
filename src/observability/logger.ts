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
  return pino({
    level,
    redact,
    formatters: { level: (name) => ({ level: name }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    ...(process.stdout.isTTY && { transport: { target: 'pino-pretty' } }),
  })
}
