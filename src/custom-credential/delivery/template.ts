import type { Context } from 'liquidjs'
import { contextOf, engine, undefinedIn } from './liquid.ts'

/** Keys of a Secret, each with a Liquid text. */
export type Templates = Readonly<Record<string, string>>

/** The outputs of a version as text. */
export type Payload = Readonly<Record<string, string>>

/** What the API server takes as the data of one Secret, in bytes. */
const MAX_SECRET = 1_048_576

/** It can not be rendered with the outputs of a version. Names the key, and never a value. */
export class Unrenderable extends Error {
  override readonly name = 'Unrenderable'
}

/** Whether a text speaks of the previous version; one that merely has the word costs a read. */
export const mentionsPrevious = (templates: Templates = {}): boolean =>
  Object.values(templates).some((text) => /\bprevious\b/.test(text))

/** The keys of a Secret. Throws `Unrenderable`. */
export function render(templates: Templates, outputs: Payload, previous: Payload | undefined): Payload {
  const context = contextOf(outputs, previous)
  let size = 0
  const rendered = Object.entries(templates).map(([key, text]) => {
    const made = renderOne(key, text, context)
    size += made.length > MAX_SECRET ? made.length : Buffer.byteLength(made)
    if (size > MAX_SECRET) throw new Unrenderable(`spec.target.template: ${key}: ${TOO_LARGE}.`)
    return [key, made]
  })
  return Object.fromEntries(rendered) as Payload
}

const TOO_LARGE = 'what it makes is more than a Secret can hold'

function renderOne(key: string, text: string, context: Context): string {
  try {
    return engine.renderSync(engine.parse(text), context) as string
  } catch (error) {
    // By its kind alone: the library's own message may quote a value, as of {{ [password] }}.
    throw new Unrenderable(`spec.target.template: ${key}: ${whyNot(error)}.`)
  }
}

function whyNot(error: unknown): string {
  if (error instanceof RangeError || (error instanceof Error && /limit exceeded/.test(error.message))) return TOO_LARGE
  return undefinedIn(error) === undefined
    ? 'a filter can not do with the outputs of this version what it is to do'
    : 'it names an output that this version does not have: give it a default, or ask for it with {% if %}'
}
