/**
 * What all of them come to. Where one fails, rejects as it did, and not before the others have ended: what is cleared away
 * then is not made anew behind it.
 */
export async function together<const T extends readonly unknown[]>(
  works: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works)
  return Promise.all(works)
}
