import { readFileSync, writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { allSingleFaults, knownPlaces, type KnownPlaces, planOf, randomPlans, shrink } from './explore.ts'
import { FAULTS, NO_PLACE } from './faults.ts'
import { INVARIANTS, NOT_YET } from './invariants/index.ts'
import type { Plan } from './plan.ts'
import { committedPlans } from './plans.ts'
import { type Judgement, judgeAll } from './judges.ts'
import type { Violation } from './jury.ts'
import { lastReport, type Report } from './mutants/report.ts'
import { tellStory } from './story.ts'
import { WORKLOADS } from './workloads/index.ts'

interface Options {
  readonly seed?: number
  readonly seeds?: number
  readonly pairs: number
  readonly plan?: string
  readonly workload?: readonly string[]
  readonly turns?: number
  readonly list?: boolean
  readonly explain?: boolean
  readonly json?: string
  readonly first?: boolean
}

const whole = (text: string): number => Number.parseInt(text, 10)
const options = new Command('npm run sim --')
  .description('Runs the operator in a simulated cluster: every single fault at every place, then random ones.')
  .option('--seed <n>', 'only the plan of this seed', whole)
  .option('--seeds <n>', 'how many random plans after the single faults (1000, or none with --workload)', whole)
  .option('--pairs <n>', 'how many random pairs of single faults after those', whole, 0)
  .option('--plan <file>', 'only this plan')
  .addOption(
    new Option('--workload <names...>', 'the single faults of these workloads only').choices(
      WORKLOADS.map(({ name }) => name),
    ),
  )
  .option('--turns <n>', 'so many single faults of a kind at most, in place of all', whole)
  .option('--list', 'what there is: workloads, faults, rules')
  .option('--explain', 'tell what happens, line by line; with --seed or --plan')
  .option('--first', 'stop at the first rule that is broken')
  .option('--json <file>', 'write the figures to this file')
  .addHelpText('after', '\nExit code: 0 no rule was broken, 1 one was, 2 wrong usage.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Options>()

/** Violations that are shrunk and told; a common cause shows in the first ones. */
const MOST_TOLD = 10
const PROGRESS_MS = 30_000

const print = (line: string) => process.stdout.write(`${line}\n`)
if (options.list) list()
else process.exitCode = (await explore()) === 0 ? 0 : 1

function list(): void {
  for (const { name, says } of WORKLOADS) print(`workload ${name}: ${says}`)
  for (const { fault, catalogue, at } of FAULTS) print(`fault ${fault} (${catalogue}) at ${at.source}`)
  for (const { id, why } of NO_PLACE) print(`fault ${id} has no place yet: ${why}`)
  for (const { id, says } of INVARIANTS) print(`rule ${id}: ${says}`)
  for (const { id, why } of NOT_YET) print(`rule ${id} is not judged yet: ${why}`)
}

/** What is to be run, by the names that the figures have. */
function chosen(known: KnownPlaces): { readonly plans: readonly Plan[]; readonly seeds: Iterable<Plan> } {
  const { plan, seed, workload: workloads, turns, pairs } = options
  const seeds = options.seeds ?? (workloads === undefined ? 1000 : 0)
  if (plan !== undefined) return { plans: [planIn(plan)], seeds: [] }
  if (seed !== undefined) return { plans: [], seeds: [planOf(seed, known)] }
  const singles = allSingleFaults(known, { ...(workloads && { workloads }), ...(turns !== undefined && { turns }) })
  const plans = workloads === undefined ? [...committedPlans().values(), ...singles] : singles
  return { plans, seeds: randomPlans(known, { seeds, pairs }) }
}

function planIn(file: string): Plan {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Plan
  } catch (error) {
    process.stderr.write(
      `✗ ${file} holds no plan: ${(error as Error).message}. Next: write the JSON object there that a run prints below a broken rule.\n`,
    )
    process.exit(2)
  }
}

async function explore(): Promise<number> {
  const started = performance.now()
  const known = await knownPlaces()
  const { plans, seeds } = chosen(known)
  let judged = 0
  const broken: Judgement[] = []
  const progress = setInterval(() => {
    process.stderr.write(`… ${judged} plans (${plans.length} before the random ones), ${broken.length} violations\n`)
  }, PROGRESS_MS)
  const isOver = () => options.first === true && broken.length > 0
  const take = (judgement: Judgement) => {
    judged += 1
    if (judgement.violation === undefined) return
    broken.push(judgement)
    // A run may take an hour: whoever watches it need not wait for its end.
    if (broken.length <= MOST_TOLD && !options.explain)
      process.stderr.write(`✗ ${judgement.violation.rule}, by ${JSON.stringify(judgement.plan)}\n`)
  }
  if (options.explain) for (const plan of [...plans, ...seeds]) take({ plan, ...(await tellStory(plan, print)) })
  else await judgeAll(chain(plans, seeds), take, { isOver })
  clearInterval(progress)
  const seconds = Math.round((performance.now() - started) / 100) / 10
  const random = Math.max(0, judged - plans.length)
  print(`${judged - random} plans, ${random} seeds, ${broken.length} violations, ${seconds} s`)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures())}\n`)
  const most = options.first === true ? 1 : MOST_TOLD
  if (!options.explain) for (const { plan, violation } of broken.slice(0, most)) await tell(plan, violation)
  return broken.length

  function figures() {
    const [first] = broken
    return {
      plans: judged - random,
      seeds: random,
      faultTypes: new Set(FAULTS.map(({ fault }) => fault)).size,
      invariants: INVARIANTS.length,
      violations: broken.length,
      ...(first && { broken: first.violation?.rule, plan: first.plan }),
      mutants: mutantsOf(lastReport()),
      seconds,
    }
  }
}

/** The last recorded run of all mutants (`npm run sim:mutants`): hours, and so no part of this one. */
function mutantsOf(report: Report | undefined) {
  return { total: report?.total ?? 0, killed: report?.killed ?? 0 }
}

/** The rule that is broken, with the smallest plan that breaks it. */
async function tell(plan: Plan, violation: Violation | undefined): Promise<void> {
  if (violation === undefined) return
  print(`✗ ${violation.rule}: ${violation.what}`)
  print(`  ${JSON.stringify(await shrink(plan, violation.rule))}`)
  print('  To be told what happens: write that to a file, then npm run sim -- --plan FILE --explain')
}

function* chain(...parts: readonly Iterable<Plan>[]): Iterable<Plan> {
  for (const part of parts) yield* part
}
