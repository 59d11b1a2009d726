import { ApiServer } from '../api-server/api-server.ts'
import { type Divergence, divergence } from './compare.ts'
import { modelPort } from './model-port.ts'
import { play, type Transcript } from './play.ts'
import type { Port } from './port.ts'
import type { Sequence } from './sequence.ts'

/** Any time will do: in normal form none is left. */
const now = () => 0

export const playOnModel = (sequence: Sequence): Promise<Transcript> =>
  play(modelPort(new ApiServer({ now })), sequence, 'model-1-x')

export interface Trial {
  readonly sequence: Sequence
  readonly real: Transcript
  readonly divergence: Divergence | undefined
}

/**
 * The real server enters in `managedFields` when each manager wrote last, to the second, and sorts them by that. So a write
 * that changes nothing is a change nonetheless where a second has passed since the manager's last one and another manager
 * (or the same at the status) wrote in between. What does not recur is such an accident, and is told apart.
 */
const SECOND_CHANCES = 2

/** Plays sequences on a real server and on the model; each play has a namespace of its own on the real one. */
export class Tribunal {
  readonly #port: Port
  readonly #run: string
  #plays = 0
  /** Divergences that did not recur. */
  readonly unsteady: Divergence[] = []

  /** `run` tells the namespaces of several on one server apart. */
  constructor(port: Port, run: string) {
    this.#port = port
    this.#run = run
  }

  async try(sequence: Sequence): Promise<Trial> {
    const model = await playOnModel(sequence)
    let trial = await this.#once(sequence, model)
    for (let again = 0; trial.divergence && again < SECOND_CHANCES; again++) {
      const { divergence } = trial
      trial = await this.#once(sequence, model)
      if (!trial.divergence) this.unsteady.push(divergence)
    }
    return trial
  }

  async #once(sequence: Sequence, model: Transcript): Promise<Trial> {
    const real = await play(this.#port, sequence, `${this.#run}-${++this.#plays}-x`)
    return { sequence, real, divergence: divergence(sequence, real, model) }
  }
}

/** Works through the items, so many at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
