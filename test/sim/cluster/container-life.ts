import type { Clock } from '../../../src/runtime/clock.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Place } from './world.ts'

/** Exit code of a container that got SIGKILL. */
export const KILLED = 137

/** So long a container dawdles that comes too late for a run of the usual time-out. */
const DAWDLE_MS = 130_000

/** How a process ends at a place that it passes, by the name of the fault. */
const ENDS: Readonly<Record<string, number>> = { kill: KILLED, 'exit 0': 0, 'exit 1': 1 }

/**
 * The process of a container. Once it is dead, nothing that it waits for ever comes: no answer, no timer. What it has sent
 * is on its way all the same.
 */
export class ContainerLife {
  readonly clock: Clock
  readonly #stop = new AbortController()
  readonly #ended = Promise.withResolvers<number>()
  #dead = false

  constructor(scheduler: Scheduler) {
    const born = scheduler.now()
    this.clock = {
      now: scheduler.now,
      monotonic: () => scheduler.now() - born,
      after: (ms, callback) =>
        scheduler.after(ms, 'container timer', () => {
          if (!this.#dead) callback()
        }),
    }
  }

  /** Aborted when the container is told to stop (SIGTERM). */
  get stopping(): AbortSignal {
    return this.#stop.signal
  }

  stop(): void {
    if (!this.#dead) this.#stop.abort()
  }

  kill(): void {
    this.#end(KILLED)
  }

  /** Ends with the program, or by being killed; resolves to the exit code. */
  async lived(program: Promise<number>): Promise<number> {
    const code = await Promise.race([program, this.#ended.promise])
    this.#dead = true
    return code
  }

  /** `answer` as long as the container lives to receive it. */
  async receive<T>(answer: Promise<T>): Promise<T> {
    await Promise.allSettled([answer])
    return this.#dead ? new Promise(() => undefined) : answer
  }

  /** Passes a place where the process may end, hang or dawdle; what has ended or hangs never passes. */
  async pass(place: Place, where: string): Promise<string | undefined> {
    const fault = place(where)
    const code = ENDS[fault ?? '']
    if (code !== undefined) this.#end(code)
    if (fault === 'hang') return new Promise(() => undefined)
    if (fault === 'late') await new Promise<void>((resolve) => this.clock.after(DAWDLE_MS, resolve))
    return this.receive(Promise.resolve(fault))
  }

  #end(code: number): void {
    this.#dead = true
    this.#ended.resolve(code)
  }
}
