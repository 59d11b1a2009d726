import { expect, test } from 'vitest'
import { silent } from '../cluster/index.ts'
import { measure } from '../bench/measure.ts'
import { figures, table } from '../bench/table.ts'

test('the bench plays through its whole programme and counts what every task costs', async () => {
  const result = await measure(
    {
      credentials: 2,
      declared: 2,
      declaredPerSecond: 20,
      footprints: [6],
      // Long enough for the operator to find something to do, were there anything.
      restSeconds: 3,
      ceilingSeconds: 0.1,
      rounds: 1,
    },
    silent,
  )

  expect(result.rounds.map(({ wave }) => wave.tasks)).toEqual([{ create: 2, delete: 2 }])
  expect(result.rounds[0]?.bare.writes).toBeGreaterThan(0)
  // What was seeded is what an operator would have left: it finds nothing to do.
  expect(result.footprints[1]).toMatchObject({ credentials: 6, writes: 0, complaints: 0 })
  expect(result.complaints).toEqual([])

  const { perTask, latencyMs } = figures(result)
  expect(perTask.create.byKind).toMatchObject({ 'create secrettasks': 1, 'create jobs': 1, 'patch jobs': 1 })
  expect(perTask.delete.byKind).toMatchObject({ 'create secrettasks': 1, 'create jobs': 1, 'delete secrets': 1 })
  expect([perTask.create, perTask.delete].map(({ tokenReviews }) => tokenReviews)).toEqual([1, 1])
  expect([latencyMs.credentialToJob.samples, latencyMs.reportToSecret.samples]).toEqual([2, 2])
  expect(table(figures(result)).split('\n')[0]).toBe('| figure | here | target |')
})
