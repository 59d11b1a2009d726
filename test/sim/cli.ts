import { readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { knownPlaces, planOf, shrink, singleFaults } from './explore.ts'
import { FAULTS } from './faults.ts'
import { INVARIANTS, NOT_YET } from './invariants/index.ts'
import type { Plan } from './plan.ts'
import { run } from './run.ts'
import { tellStory } from './story.ts'
import { WORKLOADS } from './workloads.ts'

interface Options {
  readonly seed?: number
  readonly seeds: number
  readonly plan?: string
  readonly workload?: string
  readonly list?: boolean
  readonly explain?: boolean
  readonly json?: string
  readonly first?: boolean
}

const whole = (text: string): number => Number.parseInt(text, 10)
const options = new Command('npm run sim --')
  .description('Runs the operator in a simulated cluster: every single fault at every place, then random ones.')
  .option('--seed <n>', 'only the plan of this seed', whole)
  .option('--seeds <n>', 'how many random plans after the single faults', whole, 1000)
  .option('--plan <file>', 'only this plan')
  .option('--workload <name>', 'only the single faults of this workload')
  .option('--list', 'what there is: workloads, faults, rules')
  .option('--explain', 'tell what happens, line by line')
  .option('--first', 'stop at the first rule that is broken')
  .option('--json <file>', 'write the figures to this file')
  .addHelpText('after', '\nExit code: 0 no rule was broken, 1 one was, 2 wrong usage.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Options>()

const print = (line: string) => process.stdout.write(`${line}\n`)
if (options.list) list()
else process.exitCode = (await explore()) === 0 ? 0 : 1

function list(): void {
  for (const { name, says } of WORKLOADS) print(`workload ${name}: ${says}`)
  for (const { fault, catalogue, at } of FAULTS) print(`fault ${fault} (${catalogue}) at ${at.source}`)
  for (const { id, says } of INVARIANTS) print(`rule ${id}: ${says}`)
  for (const { id, why } of NOT_YET) print(`rule ${id} is not judged yet: ${why}`)
}

async function explore(): Promise<number> {
  const started = performance.now()
  const workloads = WORKLOADS.filter(({ name }) => options.workload === undefined || options.workload === name)
  const single = options.plan !== undefined || options.seed !== undefined
  let plans = 0
  let violations = 0
  let broken: string | undefined
  const judge = async (plan: Plan) => {
    if (options.first && broken !== undefined) return
    plans += 1
    if (plans % 500 === 0) process.stderr.write(`… ${plans} plans, ${violations} violations\n`)
    const rule = await brokenBy(plan)
    broken ??= rule
    if (rule !== undefined) violations += 1
  }
  if (options.plan !== undefined) await judge(JSON.parse(readFileSync(options.plan, 'utf8')) as Plan)
  else if (options.seed !== undefined) await judge(planOf(options.seed, await knownPlaces()))
  else for (const { name } of workloads) for (const plan of await singleFaults(name)) await judge(plan)
  const exhaustive = plans
  if (!single && options.workload === undefined) {
    const known = await knownPlaces()
    for (let seed = 1; seed <= options.seeds; seed++) await judge(planOf(seed, known))
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10
  print(`${exhaustive} plans, ${plans - exhaustive} seeds, ${violations} violations, ${seconds} s`)
  const figures = {
    plans: exhaustive,
    seeds: plans - exhaustive,
    faultTypes: FAULTS.length,
    invariants: INVARIANTS.length,
  }
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ ...figures, violations, broken, seconds })}\n`)
  return violations
}

/** The rule that the plan breaks, with the smallest plan that breaks it told. */
async function brokenBy(plan: Plan): Promise<string | undefined> {
  const { violation } = options.explain ? await tellStory(plan, print) : await run(plan)
  if (violation === undefined || options.explain) return violation?.rule
  print(`✗ ${violation.rule}: ${violation.what}`)
  print(`  ${JSON.stringify(await shrink(plan, violation.rule))}`)
  return violation.rule
}
