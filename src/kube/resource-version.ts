/**
 * Orders two resource versions of one resource: negative, zero or positive. Kubernetes guarantees since KEP-5504 that
 * they are decimal integers of any length which grow with every write, so longer is newer, and equal length compares as text.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  if (a === b) return 0
  return a < b ? -1 : 1
}
