import { Writable } from 'node:stream'
import { beforeAll, expect, test } from 'vitest'
import { silent } from '../cluster/index.ts'
import { installProviders, installUpstream } from '../demo/install.ts'
import { Narrator } from '../demo/narrator.ts'
import { runDemo } from '../demo/run-demo.ts'
import { NAMESPACE } from '../demo/scene.ts'
import { Steps } from '../demo/steps.ts'
import { flawsOf } from '../demo/summary.ts'
import { openStage, world } from './stage.ts'

beforeAll(async () => {
  await openStage()
  await installProviders(world, NAMESPACE, await installUpstream(world))
})

test('the demo: rotations, a mistake, a cancel, an expiry, an orphan; no failed login, no role without a record', async () => {
  const told: string[] = []
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      told.push(chunk.toString())
      done()
    },
  })
  const summary = await runDemo({ world, narrator: new Narrator(stream), steps: new Steps(silent) })

  expect(flawsOf(summary)).toEqual([])
  expect(summary).toMatchObject({
    rotations: 3,
    tasks: { credentials_created: 4, credentials_deleted: 2 },
    expiries: 1,
    orphans: 0,
    orphansGone: 1,
  })
  // The budget is 8 and 7, which test/api/budget.test.ts holds exactly. On a busy node a task may cost one write more, as when
  // it says why its pod does not get going.
  const { create, delete: remove } = summary.writesPerTask
  expect(create).toBeGreaterThanOrEqual(8)
  expect(create).toBeLessThanOrEqual(9)
  expect(remove).toBeGreaterThanOrEqual(7)
  expect(remove).toBeLessThanOrEqual(8)
  const story = told.join('')
  expect(story).toContain('Version 4 is in Secret orders-db; version 3 stays usable')
  expect(story).toMatch(/has deleted the role cc_/)
  expect(story).toContain(
    'failed: DatabaseUnreachable: Cannot log in at postgres.databases.svc:5432: database "ordres" does',
  )
  expect(story).toContain('reports-db is gone, and so is its role')
  expect(story).toMatch(
    /of trial\/trial-db is still there[^]*of trial\/trial-db is revoked, and its OrphanedCredential gone/,
  )
})
