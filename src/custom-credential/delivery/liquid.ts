import { Context, type FilterImplOptions, Liquid, type RenderOptions } from 'liquidjs'
import type { Payload } from './template.ts'

/** Loops, includes and assignments are left out: a text takes time and room by its own length, and reads no file. */
export const TAGS = ['if', 'unless', 'case', 'comment', 'raw']

/** On text, and with the same outcome every time: none tells the time, draws lots, or evaluates an expression. */
export const FILTERS = [
  ...['append', 'prepend', 'replace', 'replace_first', 'replace_last', 'remove', 'remove_first', 'remove_last'],
  ...['strip', 'lstrip', 'rstrip', 'strip_newlines', 'squish', 'slice', 'truncate', 'split', 'join', 'first', 'last'],
  ...['upcase', 'downcase', 'capitalize', 'size', 'default', 'json', 'escape', 'xml_escape'],
  ...['url_encode', 'url_decode', 'uri_escape', 'cgi_escape', 'base64_encode', 'base64_decode'],
  ...['sha256', 'hmac_sha256'],
]

/** In UTF-16 units: of a text, and of all that filters are given for one Secret. In ms: for one Secret. */
const LIMITS = { parseLimit: 32_768, memoryLimit: 1_000_000, renderLimit: 1_000 }

function createEngine(): Liquid {
  const liquid = new Liquid({
    ...{ strictVariables: true, strictFilters: true, lenientIf: true, ownPropertyOnly: true, templates: {} },
    ...LIMITS,
  })
  const all = [liquid.tags, liquid.filters].flatMap((table) => Object.keys(table).map((name) => ({ table, name })))
  const unwanted = all.filter(({ name }) => !TAGS.includes(name) && !FILTERS.includes(name))
  for (const { table, name } of unwanted) Reflect.deleteProperty(table, name)
  for (const [name, filter] of Object.entries(liquid.filters)) liquid.registerFilter(name, charged(filter))
  return liquid
}

type Handler = Exclude<FilterImplOptions, { readonly handler: unknown }>

/** Not every filter of the library counts what it is given, and a chain of those takes any time. */
function charged(filter: FilterImplOptions): Handler {
  const handler = typeof filter === 'function' ? filter : filter.handler
  return function (value: unknown, ...more: unknown[]): unknown {
    if (typeof value === 'string') this.context.memoryLimit.use(value.length)
    return handler.call(this, value, ...more)
  }
}

/** Liquid, without what a Secret has no use for. */
export const engine = createEngine()

/** The name that a rendering has not found, where that is what has failed. */
export function undefinedIn(error: unknown): string | undefined {
  const cause = (error as { originalError?: { variableName?: unknown } } | undefined)?.originalError
  return typeof cause?.variableName === 'string' ? cause.variableName : undefined
}

/** What a Secret is rendered in. Its variables have no prototype, so that nothing but outputs has a name. */
export function contextOf(outputs: Payload, previous: Payload | undefined, limits: RenderOptions = {}): Context {
  const variables = Object.assign(Object.create(null) as object, outputs, previous && { previous })
  return new Context(variables, engine.options, { sync: true, ...limits }, { liquid: engine })
}
