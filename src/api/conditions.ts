import type { Condition } from './generated.ts'
import { cut } from './text.ts'

/** Far below what the API takes (32,768), since a message may list what people wrote; enough for a person to read. */
const LONGEST_MESSAGE = 4096

export type ConditionInput = Omit<Condition, 'lastTransitionTime'>

/**
 * The conditions that now hold, in place of those before. `lastTransitionTime` moves only when a condition's status does,
 * so that an unchanged situation is an unchanged status (and costs no write).
 */
export function transition(before: readonly Condition[], now: readonly ConditionInput[], at: string): Condition[] {
  return now.map((condition) => {
    const old = before.find(({ type }) => type === condition.type)
    const message = cut(condition.message, LONGEST_MESSAGE)
    return { ...condition, message, lastTransitionTime: old?.status === condition.status ? old.lastTransitionTime : at }
  })
}
