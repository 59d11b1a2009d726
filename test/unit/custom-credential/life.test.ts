import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CredentialVersion } from '../../../src/api/generated.ts'
import { isAccounted, openLedger } from '../../../src/custom-credential/ledger.ts'
import { inUse } from '../../../src/custom-credential/revocation/retire.ts'
import { happen, lives, settle, type WorldEvent } from '../../support/world/events.ts'
import { World } from '../../support/world/world.ts'

/** How many lives are lived: a few at each run, as many as you like by hand. */
const LIVES = Number(process.env['LIVES'] ?? 200)

/** One whose run had two pods stands for what both have made: it says that more is to be looked for when it goes. */
const speaksFor = (version: CredentialVersion, credentialsId: string, origin: string): boolean =>
  version.credentialsId === credentialsId || (version.startedTwice === true && version.taskId === origin)

/** Where one credential that exists upstream is accounted for; empty if nowhere. */
function accountsOf(world: World, credentialsId: string, origin: string): string[] {
  const { versions = [], unresolved = [], nextVersion } = world.credential?.status ?? {}
  const stands = (owed: { originTaskId: string; credentialsId?: string }) =>
    owed.credentialsId === undefined ? owed.originTaskId === origin : owed.credentialsId === credentialsId
  const isPending = (task: World['tasks'][number]) =>
    task.metadata.name === origin && !(nextVersion && isAccounted({ nextVersion }, task.spec))
  return [
    versions.some((version) => speaksFor(version, credentialsId, origin)) && 'a version',
    unresolved.some(stands) && 'an obligation',
    world.orphans.some(({ spec }) => stands(spec)) && 'an orphan',
    world.custody.some((secret) => secret.credentialsId === credentialsId) && 'custody',
    world.tasks.some(isPending) && 'its task',
    world.jobs.some(({ metadata }) => metadata.name === origin && metadata.finalizers?.length) && 'its Job',
  ].filter((place) => typeof place === 'string')
}

const versionsInUse = (world: World): CredentialVersion[] =>
  world.credential === undefined ? [] : inUse(openLedger(world.credential.status))

/** What must be true at every moment. */
function check(world: World, numbers: Map<number, string>): void {
  for (const [id, origin] of world.alive) {
    expect(accountsOf(world, id, origin), `S5: where ${id} is accounted for`).not.toEqual([])
  }
  for (const [task, jobs] of world.jobsRun) expect(jobs.size, `S1: Jobs that ran as ${task}`).toBe(1)
  const open = world.tasks.filter(({ status }) => status.state === 'queued' || status.state === 'processing')
  expect(open.length, 'S13: open tasks').toBeLessThanOrEqual(1)
  for (const { version, taskId } of world.credential?.status.versions ?? []) {
    expect(numbers.get(version) ?? taskId, `S8: the maker of version ${version}`).toBe(taskId)
    numbers.set(version, taskId)
  }
  if (world.credential === undefined) {
    expect(
      world.jobs.filter(({ metadata }) => metadata.finalizers?.length),
      'S15: Jobs left held',
    ).toEqual([])
  }
}

function live(world: World, events: readonly WorldEvent[]): void {
  const numbers = new Map<number, string>()
  world.onDelete = (id) => {
    const inUse = versionsInUse(world).map(({ credentialsId }) => credentialsId)
    expect(inUse, `S6: ${id} is deleted`).not.toContain(id)
  }
  for (const event of events) {
    happen(world, event)
    check(world, numbers)
  }
  expect(settle(world), 'the world comes to rest').toBe(true)
  check(world, numbers)
}

describe('whatever happens to a credential', () => {
  // One that gives the same ID again cannot offer `find`: what the run has renewed last is what is in use.
  const options = fc
    .record({ find: fc.boolean(), renews: fc.boolean() })
    .filter(({ find, renews }) => !(find && renews))

  it('no credential is lost, left behind or pulled from under a consumer, and it comes to rest', () => {
    fc.assert(
      fc.property(options, lives(60), (option, events) => {
        const world = new World(option)
        live(world, events)
        const left = new Set(world.orphans.map(({ spec }) => spec.credentialsId ?? spec.originTaskId))
        const isKept = (id: string, origin: string) =>
          left.has(id) || left.has(origin) || versionsInUse(world).some((version) => speaksFor(version, id, origin))
        const strays = [...world.alive].filter(([id, origin]) => !isKept(id, origin))
        expect(strays, 'alive upstream, though neither in use nor with an orphan').toEqual([])
        expect(world.credential?.status.unresolved ?? [], 'still owed').toEqual([])
      }),
      { numRuns: LIVES },
    )
  }, 600_000)
})
