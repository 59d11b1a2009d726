import { isDeepStrictEqual } from 'node:util'
import type { Answer, Events, Transcript } from './play.ts'
import type { Sequence, Step } from './sequence.ts'

/** Where two servers part for the first time. */
export interface Divergence {
  /** Undefined: all steps were answered alike, and the stream of a kind differs. */
  readonly step: Step | undefined
  readonly kind: string
  readonly real: Answer
  readonly model: Answer
  /** Paths at which the answers differ, with both values. */
  readonly differences: readonly string[]
}

export function divergence(sequence: Sequence, real: Transcript, model: Transcript): Divergence | undefined {
  for (const [i, step] of sequence.entries()) {
    const found = parting({ step, kind: step.kind }, real.answers[i], model.answers[i])
    if (found) return found
  }
  for (const [kind, events] of Object.entries(real.streams)) {
    const other = (model.streams as Record<string, Events>)[kind]
    const found = parting({ step: undefined, kind }, { events }, other && { events: other })
    if (found) return found
  }
  return undefined
}

function parting(
  where: Pick<Divergence, 'step' | 'kind'>,
  real: Answer | undefined,
  model: Answer | undefined,
): Divergence | undefined {
  if (!real || !model) throw new Error('the transcripts are not of one sequence')
  if (isDeepStrictEqual(real, model)) return undefined
  return { ...where, real, model, differences: differences(real, model) }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

function differences(real: unknown, model: unknown, path = ''): string[] {
  if (isDeepStrictEqual(real, model)) return []
  if (!isObject(real) || !isObject(model)) return [`${path || '.'}: real ${show(real)}, model ${show(model)}`]
  const keys = new Set([...Object.keys(real), ...Object.keys(model)])
  return [...keys].flatMap((key) => differences(real[key], model[key], `${path}.${key}`))
}

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

/** A line that is the same for divergences of one cause, more or less. */
export const headline = ({ step, kind, differences }: Divergence): string =>
  `${kind}, ${step?.operation ?? 'stream'}: ${(differences[0] ?? '').replaceAll(/<[^>]*>|\d+/g, '#').slice(0, 160)}`
