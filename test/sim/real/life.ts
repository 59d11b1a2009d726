import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential } from '../../../src/api/generated.ts'
import { CustomCredentials } from '../../../src/api/resources.ts'
import type { RealWorld } from './world.ts'

const POLL_MS = 50

/** What becomes of a credential after it was created. */
export interface Course {
  readonly rotations: number
  /** Deleted as soon as the last rotation was asked for. */
  readonly isHasty?: boolean
  /** Never deleted. */
  readonly stays?: boolean
}

/** Where a life is led. */
export type Surroundings = Pick<RealWorld, 'people' | 'judge' | 'isOver' | 'failures' | 'patienceSeconds'>

/** Leads a credential from its creation to its deletion. Resolves when it is gone, or, where it stays, at its last version. */
export async function live(
  world: Surroundings,
  { tenant, name }: { readonly tenant: string; readonly name: string },
  { rotations, isHasty = false, stays = false }: Course,
): Promise<void> {
  const { people, judge } = world
  const read = () => judge.state.all(CustomCredentials).get(`${tenant}/${name}`)
  /** In a world that is over, nobody waits for anything any more. */
  const until = async (what: string, isSo: () => boolean) => {
    const end = performance.now() + world.patienceSeconds * 1000
    while (!isSo() && !world.isOver) {
      if (performance.now() > end)
        throw new Error(`not so in ${world.patienceSeconds} s: ${what}; its status: ${JSON.stringify(read()?.status)}`)
      await sleep(POLL_MS)
    }
  }
  await people.create(tenant, name)
  await until(`${name} is delivered`, () => delivered(read()) >= 1)
  for (let version = 2; version <= rotations + 1; version++) {
    await people.rotate(tenant, name, `request-${version}`)
    if (isHasty && !stays && version === rotations + 1) break
    await until(`version ${version} of ${name} is delivered`, () => delivered(read()) >= version)
  }
  if (stays) return
  await people.remove(tenant, name)
  await until(`${name} is gone`, () => read() === undefined)
  await people.clear(tenant, name)
}

/** The newest version that consumers have been given; 0 for none. */
const delivered = (credential: CustomCredential | undefined): number =>
  Math.max(
    0,
    ...(credential?.status.versions ?? []).flatMap(({ version, deliveredAt }) => (deliveredAt ? [version] : [])),
  )
