/**
 * Text cut to what a field takes, in UTF-16 units. Well-formed, for the API server puts another character in the place of
 * half a pair: what came back would never be what was sent.
 */
export const cut = (text: string, length: number): string => text.slice(0, length).toWellFormed()
