import type { Resource } from '../../../src/api/meta.ts'
import type { Checker } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { untilRobbed } from './reading.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND

/** What every bound leaves to networks that take seconds for a call. */
export const NETWORK_MS = 30 * SECOND

/** What trouble leaves behind has passed by then: outages last for minutes, and a silent watch is noticed after two and a half. */
const AFTERMATH_MS = 8 * MINUTE

/** Something that has to come to an end. */
export interface Wait {
  /** For what, in words with names in them: two waits are the same where their words are. */
  readonly what: string
  /** How long at most. */
  readonly ms: number
  /** From when it counts, in milliseconds since the epoch; by default from when it was first seen. */
  readonly since?: number
  /** How long after trouble it counts anew, where that is known better. */
  readonly aftermathMs?: number
}

type Known = Required<Wait>

/**
 * A rule that nothing is waited for too long, counted from the last trouble. `waits` is asked anew whenever an object of
 * these kinds changes; in between, a look at the time is enough.
 */
export const inTime = (kinds: readonly Resource[], waits: (state: State) => readonly Wait[]) =>
  untilRobbed((): Checker => {
    const plurals = new Set(kinds.map(({ plural }) => plural))
    let open: readonly Known[] = []
    let firstEnd = Infinity
    const late = ({ now, troubledAt }: State): string | undefined => {
      if (now <= firstEnd) return undefined
      const wait = open.find(({ since, ms, aftermathMs }) => now > Math.max(since, troubledAt + aftermathMs) + ms)
      return wait && `${wait.what}: not within ${wait.ms / SECOND} s`
    }
    return {
      on(fact, state) {
        const complaint = late(state)
        // A fault may set clocks, by which nothing can be judged then.
        const calls = fact.kind === 'fault' || (fact.kind === 'object' && plurals.has(fact.resource.plural))
        if (complaint !== undefined || !calls) return complaint
        const begun = new Map(open.map(({ what, since }) => [what, since]))
        open = waits(state).map((wait) => ({
          aftermathMs: AFTERMATH_MS,
          since: begun.get(wait.what) ?? state.now,
          ...wait,
        }))
        firstEnd = Math.min(...open.map(({ since, ms }) => since + ms))
        return undefined
      },
      atRest: late,
    }
  })
