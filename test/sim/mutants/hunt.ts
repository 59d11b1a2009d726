// Run in a copy of the project that has a bug: looks for it as the default run does, and writes what it finds to a file.
import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { allSingleFaults, knownPlaces, randomPlans, shrink } from '../explore.ts'
import { INVARIANTS } from '../invariants/index.ts'
import { judgeAll } from '../judges.ts'
import type { Violation } from '../jury.ts'
import type { Checker } from '../observe/invariant.ts'
import type { Plan } from '../plan.ts'
import { committedPlans } from '../plans.ts'
import { run } from '../run.ts'

/** What was found, or after how many plans nothing was. */
export interface Find {
  readonly plans: number
  readonly seconds: number
  readonly rule?: string
  readonly what?: string
  /** Every rule that would have found it by the same plan, had it been the only one. */
  readonly rules?: readonly string[]
  /** The smallest plan that breaks the rule. */
  readonly plan?: Plan
}

/** A broken operator may go round in circles for ever. */
const MOST_FACTS = 20_000

const [file = '', most = '0', candidates] = process.argv.slice(2)
const started = performance.now()
const known = await knownPlaces()
const singles = [...committedPlans().values(), ...allSingleFaults(known)]
let plans = 0
let broken: { readonly plan: Plan; readonly violation: Violation } | undefined
const isOver = () => broken !== undefined || plans >= Number(most)
const take = ({ plan, violation }: { readonly plan: Plan; readonly violation?: Violation | undefined }) => {
  if (isOver()) return
  plans += 1
  if (violation !== undefined) broken = { plan, violation }
}
if (candidates !== undefined) await tryAgain(JSON.parse(readFileSync(candidates, 'utf8')) as Plan[])
if (!isOver()) await judgeAll(singles, take, { isOver, judges: 1 })
const rest = Math.max(0, Number(most) - plans)
if (!isOver()) await judgeAll(randomPlans(known, { seeds: rest, pairs: 0 }), take, { isOver, judges: 1 })
const seconds = Math.round((performance.now() - started) / 100) / 10
const found: Find = { plans, seconds, ...(broken && (await described(broken))) }
writeFileSync(file, JSON.stringify(found))

/** Plans that have found the bug before: what counts is when the default run comes to them. */
async function tryAgain(again: readonly Plan[]): Promise<void> {
  for (const plan of again) {
    const { violation } = await run(plan)
    if (violation === undefined) continue
    broken = { plan, violation }
    const at = singles.findIndex((single) => isDeepStrictEqual(single, plan))
    plans = plan.faults.length === 0 ? 1 : at < 0 ? singles.length + plan.seed : at + 1
    return
  }
}

async function described({ plan, violation: { rule, what } }: NonNullable<typeof broken>) {
  const smallest = await shrink(plan, rule)
  return { rule, what, plan: smallest, rules: await allBroken(smallest) }
}

/** The jury names the first rule that is broken; which others would have found the bug by the same plan? */
async function allBroken(plan: Plan): Promise<string[]> {
  const checkers = INVARIANTS.map(({ id, begin }) => ({ id, checker: begin() }))
  const rules = new Set<string>()
  let atRest: string[] = []
  let facts = 0
  const on: Checker['on'] = (fact, state) => {
    facts += 1
    for (const { id, checker } of checkers) if (checker.on?.(fact, state) !== undefined) rules.add(id)
    return facts > MOST_FACTS ? 'that is enough' : undefined
  }
  const rest: Checker['atRest'] = (state) => {
    atRest = checkers.filter(({ checker }) => checker.atRest?.(state) !== undefined).map(({ id }) => id)
    return atRest.length > 0 ? 'something is left to do' : undefined
  }
  const all = { id: 'all', says: 'All rules at once.', begin: () => ({ on, atRest: rest }) }
  const { violation } = await run(plan, { rules: [all] })
  if (violation !== undefined && violation.rule !== all.id) rules.add(violation.rule)
  if (facts <= MOST_FACTS) for (const id of atRest) rules.add(id)
  return INVARIANTS.map(({ id }) => id).filter((id) => rules.has(id))
}
