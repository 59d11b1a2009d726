import type { Clock } from '../../../src/runtime/clock.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Place } from './world.ts'

/** Exit code of a container that got SIGKILL. */
const KILLED = 137

/**
 * The process of a container. Once it is dead, nothing that it waits for ever comes: no answer, no timer. What it has sent
 * is on its way all the same.
 */
export class ContainerLife {
  readonly clock: Clock
  readonly #stop = new AbortController()
  readonly #killed = Promise.withResolvers<number>()
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
    this.#dead = true
    this.#killed.resolve(KILLED)
  }

  /** Ends with the program, or by being killed; resolves to the exit code. */
  async lived(program: Promise<number>): Promise<number> {
    const code = await Promise.race([program, this.#killed.promise])
    this.#dead = true
    return code
  }

  /** `answer` as long as the container lives to receive it. */
  async receive<T>(answer: Promise<T>): Promise<T> {
    await Promise.allSettled([answer])
    return this.#dead ? new Promise(() => undefined) : answer
  }

  /** Passes a place where the container may be killed, and then is never passed. */
  pass(place: Place, where: string): Promise<void> {
    if (place(where) === 'kill') this.kill()
    return this.receive(Promise.resolve())
  }
}
