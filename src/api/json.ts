type Fields = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether two values are the same as JSON has them: a field that is undefined is none, and their order says nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  if (!isRecord(a) || !isRecord(b)) return false
  const names = namesIn(a)
  return (
    names.length === namesIn(b).length && names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
  )
}

const namesIn = (fields: Fields): string[] => Object.keys(fields).filter((name) => fields[name] !== undefined)
