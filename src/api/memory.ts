/**
 * Remembers what was found for a text, so that it is looked for once. As much as `room` is remembered, each as `sizeOf` tells;
 * then it begins anew.
 */
export function memory<T>(room = 1000, sizeOf: (text: string) => number = () => 1) {
  const known = new Map<string, { readonly found: T }>()
  let taken = 0
  return (text: string, find: () => T): T => {
    const remembered = known.get(text)
    if (remembered) return remembered.found
    const size = sizeOf(text)
    if (taken + size > room) {
      known.clear()
      taken = 0
    }
    const found = find()
    known.set(text, { found })
    taken += size
    return found
  }
}
