import { Writable } from 'node:stream'
import { beforeAll, expect, test } from 'vitest'
import { silent } from '../cluster/index.ts'
import { Narrator } from '../demo/narrator.ts'
import { runDemo } from '../demo/run-demo.ts'
import { Steps } from '../demo/steps.ts'
import { flawsOf } from '../demo/summary.ts'
import { openStage, world } from './stage.ts'

beforeAll(async () => {
  await openStage()
})

test('the demo: three rotations, no failed login, no role without a record, within the write budget', async () => {
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
    orphans: 0,
    writesPerTask: { create: 8, delete: 7 },
  })
  const story = told.join('')
  expect(story).toContain('Version 4 is in Secret orders-db; version 3 stays usable')
  expect(story).toMatch(/has deleted the role cc_/)
})
