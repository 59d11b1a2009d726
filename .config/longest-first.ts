import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begun late, one of these would keep a single worker busy at the end. Vitest knows only what ran in this checkout before. */
const LONGEST = [
  ...['life-time', 'faults', 'kill', 'timeouts', 'reports', 'bad-input'],
  ...['leaps', 'followers', 'real-faults', 'late', 'bench', 'leaders', 'consumers'],
]

/** The long files of the API tier first, the others in the order that vitest chooses. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = LONGEST.findIndex((name) => moduleId.endsWith(`/test/api/${name}.test.ts`))
  return place === -1 ? LONGEST.length : place
}
