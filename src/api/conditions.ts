import type { Condition } from './generated.ts'

export type ConditionInput = Omit<Condition, 'lastTransitionTime'>

/**
 * The conditions that now hold, in place of those before. `lastTransitionTime` moves only when a condition's status does,
 * so that an unchanged situation is an unchanged status (and costs no write).
 */
export function transition(before: readonly Condition[], now: readonly ConditionInput[], at: string): Condition[] {
  return now.map((condition) => {
    const old = before.find(({ type }) => type === condition.type)
    return { ...condition, lastTransitionTime: old?.status === condition.status ? old.lastTransitionTime : at }
  })
}
