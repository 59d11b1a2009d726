import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** A lock that the kernel gives back when this process ends in whatever way, so that none is ever stale. */
export interface Lock {
  release(): Promise<void>
}

/** Waits until nobody else holds `file`, runs `work`, and lets go. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const lock = await hold(file, [])
  if (lock === undefined) throw new Error(`flock ended without the lock ${file}`)
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** Takes `file` if nobody holds it, else answers `undefined` at once. */
export function tryLock(file: string): Promise<Lock | undefined> {
  return hold(file, ['--nonblock'])
}

/**
 * Node has no flock(2): a child holds the lock for as long as its standard input, a pipe from this process, is open.
 * It has a session of its own, so that Ctrl-C does not take it before this process has cleaned up.
 */
async function hold(file: string, flags: string[]): Promise<Lock | undefined> {
  mkdirSync(dirname(file), { recursive: true })
  const child = spawn('flock', ['--exclusive', ...flags, file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  const ended = once(child, 'exit')
  const held = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!held) return undefined
  for (const handle of [child, child.stdin, child.stdout]) (handle as { unref?: () => void }).unref?.()
  return {
    release: async () => {
      child.ref()
      child.stdin.end()
      await ended
    },
  }
}
