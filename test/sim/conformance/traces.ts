import type { Transcript } from './play.ts'
import type { Sequence } from './sequence.ts'

/** A sequence, and what the real server answered. */
export interface Trace {
  readonly sequence: Sequence
  readonly real: Transcript
}

/** Values that are seen again and again are told once, under a number: `"#7"` stands for the value of that number. */
interface File {
  readonly values: readonly unknown[]
  readonly traces: readonly unknown[]
}

/** Shorter values are not worth a number. */
const WORTH = 24
const REFERENCE = /^#\d+$/

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

function mapped(value: object, map: (child: unknown) => unknown): object {
  if (Array.isArray(value)) return value.map(map)
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, map(child)]))
}

/** Traces as a file: one line for each value and for each trace. */
export function writeTraces(traces: readonly Trace[]): string {
  const numbers = new Map<string, number>()
  const short = (value: unknown): unknown => {
    if (!isObject(value)) return value
    const text = JSON.stringify(mapped(value, short))
    if (text.length < WORTH) return JSON.parse(text)
    const number = numbers.get(text) ?? numbers.size
    numbers.set(text, number)
    return `#${number}`
  }
  const lines = traces.map(({ sequence, real }) => JSON.stringify(mapped({ sequence, real }, short)))
  return `{"values":[\n${[...numbers.keys()].join(',\n')}\n],\n"traces":[\n${lines.join(',\n')}\n]}\n`
}

/** Reads such a file. */
export function readTraces(text: string): readonly Trace[] {
  const { values, traces } = JSON.parse(text) as File
  const long = (value: unknown): unknown => {
    if (typeof value === 'string' && REFERENCE.test(value)) return long(values[Number(value.slice(1))])
    return isObject(value) ? mapped(value, long) : value
  }
  return traces.map((trace) => long(trace) as Trace)
}
