import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { ClusterFailure } from './failure.ts'

/** A program that outlives the process that starts it and is found again by its pid file. */
export interface DaemonSpec {
  /** The cluster's state folder. At least one argument names a path in it: by that the process is known as ours. */
  folder: string
  name: string
  file: string
  args: readonly string[]
}

/** Starts the daemon in a session of its own (Ctrl-C goes to us, who then stop it) and records its process id. */
export function startDaemon({ folder, name, file, args }: DaemonSpec): void {
  mkdirSync(join(folder, 'pids'), { recursive: true })
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const log = openSync(logFile(folder, name), 'a')
  const child = spawn(file, args, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  child.once('error', () => undefined)
  child.unref()
  if (child.pid === undefined) throw new ClusterFailure(`${file} cannot be started`, `See that ${file} is there.`)
  writeFileSync(pidFile(folder, name), String(child.pid))
}

/** The daemon's process id, if that process lives and is the one that was started. */
export function daemonPid(folder: string, name: string): number | undefined {
  const file = pidFile(folder, name)
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8'))
  return Number.isInteger(pid) && pid > 1 && commandLine(pid).includes(folder) ? pid : undefined
}

/** Names of all daemons ever started in the folder and not yet stopped by {@link killDaemon}. */
export function daemonNames(folder: string): string[] {
  const pids = join(folder, 'pids')
  return existsSync(pids) ? readdirSync(pids).map((file) => basename(file, '.pid')) : []
}

/** SIGKILL, and not back before all is gone. Synchronous, so that it also works in an `exit` handler. */
export function killDaemon(folder: string, name: string): void {
  const pid = daemonPid(folder, name)
  if (pid !== undefined) {
    // The daemon leads a process group: what it has started goes with it.
    process.kill(-pid, 'SIGKILL')
    const wake = new Int32Array(new SharedArrayBuffer(4))
    for (let turn = 0; turn < 1000 && groupLives(pid); turn += 1) Atomics.wait(wake, 0, 0, 10)
  }
  rmSync(pidFile(folder, name), { force: true })
}

/**
 * Waits until `check` answers true.
 * @throws ClusterFailure with the end of the daemon's log if the daemon ends first, or after `timeoutMs`.
 */
export async function waitForDaemon(
  folder: string,
  name: string,
  check: () => Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await check().catch(() => false))) {
    const ended = daemonPid(folder, name) === undefined
    if (ended || performance.now() > deadline) {
      const tail = readFileSync(logFile(folder, name), 'utf8').trim().split('\n').slice(-10).join('\n')
      const what = ended ? 'ended' : `is not ready after ${timeoutMs / 1000} s`
      throw new ClusterFailure(`${name} ${what}:\n${tail}`, 'Read the lines above.')
    }
    await sleep(50)
  }
}

const pidFile = (folder: string, name: string): string => join(folder, 'pids', `${name}.pid`)
const logFile = (folder: string, name: string): string => join(folder, 'logs', `${name}.log`)

const commandLine = (pid: number): string => readProc(pid, 'cmdline')

/**
 * True while a process of the group has not ended. A zombie has: its parent may be this process, which cannot collect it
 * while it waits here. The first process of a process namespace becomes one only after all others in there.
 */
function groupLives(group: number): boolean {
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false
    // proc(5): pid (command) state parent group ...; the command may hold anything.
    const [state, , processGroup] = readProc(entry, 'stat')
      .replace(/^.*\) /s, '')
      .split(' ')
    return processGroup === String(group) && state !== 'Z'
  })
}

function readProc(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
