import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { daemonNames, killDaemon } from './daemon.ts'
import { ClusterFailure } from './failure.ts'
import { stateRoot } from './folders.ts'
import { tryLock, withLock, type Lock } from './lock.ts'
import { removeControlGroups } from './control-groups.ts'

export type Tier = 'api' | 'kind'

/** The state folder of one cluster, owned by this process until it is released. */
export interface Instance {
  folder: string
  /** Leaves the cluster running after this process: from now on only {@link removeInstance} takes it down. */
  keep(): Promise<void>
  /** Takes everything down. Synchronous and repeatable. */
  remove(): void
}

/** Where the cluster `name` of a tier keeps its state, whether or not it exists. */
export const instanceFolder = (tier: Tier, name: string): string => join(stateRoot(), `${tier}-${name}`)

/** True for a cluster that `keep` left running. */
export const isKept = (folder: string): boolean => existsSync(join(folder, KEPT))

const KEPT = 'kept'
/** Held by the process that the cluster goes with. */
const OWNER_LOCK = 'owner.lock'

/**
 * Makes an empty state folder for a new cluster. Clusters of this checkout whose process died without cleaning up are
 * taken down first. The cluster goes with this process, at its normal end and on SIGINT, SIGTERM and SIGHUP.
 * @throws ClusterFailure if a cluster of that name is up.
 */
export async function createInstance(tier: Tier, name: string): Promise<Instance> {
  const folder = instanceFolder(tier, name)
  return withLock(join(stateRoot(), 'lock'), async () => {
    await removeAbandoned()
    if (existsSync(folder)) {
      throw new ClusterFailure(
        `a cluster of this name is up: ${folder}`,
        `Use it, choose another name, or end it: npm run cluster -- down --tier ${tier}`,
      )
    }
    mkdirSync(folder, { mode: 0o700 })
    const lock = await tryLock(join(folder, OWNER_LOCK))
    if (lock === undefined) throw new Error(`${folder} is new and yet somebody holds its lock`)
    return ownedInstance(folder, lock)
  })
}

/** Has a command run when the cluster in `folder` is taken down: for what lives outside of its daemons. */
export function runAtRemoval(folder: string, command: readonly [string, ...string[]]): void {
  writeFileSync(join(folder, AT_REMOVAL), JSON.stringify(command), { mode: 0o600 })
}

const AT_REMOVAL = 'at-removal.json'

/** Takes the cluster in `folder` down: its processes (SIGKILL, what it holds is throw-away), then its files. */
export function removeInstance(folder: string): void {
  const atRemoval = join(folder, AT_REMOVAL)
  if (existsSync(atRemoval)) {
    const [file, ...args] = JSON.parse(readFileSync(atRemoval, 'utf8')) as [string, ...string[]]
    spawnSync(file, args, { stdio: 'ignore', timeout: 60_000 })
  }
  for (const name of daemonNames(folder)) killDaemon(folder, name)
  removeControlGroups(folder)
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

function ownedInstance(folder: string, lock: Lock): Instance {
  const remove = (): void => {
    removeInstance(folder)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const exit = (): void => {
    process.exit(130)
  }
  process.once('exit', remove)
  // Where somebody else handles the signal (vitest does), that one decides; `exit` comes in either case.
  for (const signal of signals) if (process.listenerCount(signal) === 0) process.on(signal, exit)
  return {
    folder,
    remove,
    keep: async () => {
      writeFileSync(join(folder, KEPT), '')
      process.off('exit', remove)
      for (const signal of signals) process.off(signal, exit)
      await lock.release()
    },
  }
}

/** A state folder whose lock is free and that nobody asked to keep belongs to a process that died. */
async function removeAbandoned(): Promise<void> {
  const root = stateRoot()
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const folder = join(root, entry.name)
    if (!entry.isDirectory() || isKept(folder)) continue
    const lock = await tryLock(join(folder, OWNER_LOCK))
    if (lock === undefined) continue
    removeInstance(folder)
    await lock.release()
  }
}
