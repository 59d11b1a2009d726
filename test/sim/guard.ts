import { performance } from 'node:perf_hooks'

const forbidden = (what: string) => (): never => {
  throw new Error(`${what} was asked for in the simulation: time and randomness come from the ports`)
}

/**
 * Takes ambient time and randomness away while a plan runs, so that nothing can make two runs of it differ. Returns what
 * gives them back.
 */
export function forbidAmbient(): () => void {
  const { now } = Date
  const { random } = Math
  const { setTimeout, setInterval } = globalThis
  const elapsed = performance.now.bind(performance)
  Date.now = forbidden('Date.now')
  Math.random = forbidden('Math.random')
  globalThis.setTimeout = forbidden('setTimeout') as unknown as typeof setTimeout
  globalThis.setInterval = forbidden('setInterval')
  // Asked for by the library of templates, which limits its time: a clock that stands still lets no two runs differ.
  performance.now = () => 0
  return () => {
    Date.now = now
    Math.random = random
    globalThis.setTimeout = setTimeout
    globalThis.setInterval = setInterval
    performance.now = elapsed
  }
}
