import type { Sequence } from './sequence.ts'

/** The sequence without every step that its divergence does not need. */
export async function shrunk(sequence: Sequence, diverges: (shorter: Sequence) => Promise<boolean>): Promise<Sequence> {
  let smallest = sequence
  for (const { id } of sequence.toReversed()) {
    const shorter = smallest.filter((step) => step.id !== id)
    if (shorter.length > 0 && (await diverges(shorter))) smallest = shorter
  }
  return smallest
}
