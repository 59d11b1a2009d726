import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { format, resolveConfig } from 'prettier'
import { MUTANTS } from './catalogue.ts'
import type { Find } from './hunt.ts'
import type { Mutant } from './mutant.ts'
import { plantIn } from './plant.ts'
import { isKilled, lastReport, type Outcome, reportOf, textOf } from './report.ts'

interface Options {
  readonly only?: readonly string[]
  readonly jobs: number
  readonly most: number
  readonly again?: boolean
  readonly json?: string
  readonly report?: string
}

const whole = (text: string): number => Number.parseInt(text, 10)
const { only, jobs, most, again, json, report } = new Command('npm run sim:mutants --')
  .description('Plants each bug of the catalogue in a copy of the operator and looks whether the simulator finds it.')
  .option('--only <names...>', 'only these; what a report says of the others stays')
  .option('--jobs <n>', 'how many at a time', whole, 2)
  .option('--most <n>', 'plans after which a bug counts as not found', whole, 4000)
  .option('--again', 'try first the plan that has found it last time')
  .option('--json <file>', 'write the outcomes to this file')
  .option('--report <file>', 'write them as text to this file')
  .addHelpText('after', '\nExit code: 0 all were found, 1 one was not.')
  .parse()
  .opts<Options>()

/** A bug that makes a plan go on for ever must not hold up the others. */
const PATIENCE_MS = 20 * 60_000

const root = join(import.meta.dirname, '../../..')
const outcomes: Outcome[] = []
const queue = MUTANTS.filter(({ name }) => only?.includes(name) ?? true).values()
await Promise.all(Array.from({ length: jobs }, tryEach))
await record()
process.exitCode = outcomes.every(isKilled) ? 0 : 1

async function tryEach(): Promise<void> {
  for (const mutant of queue) {
    const outcome = await tryOne(mutant)
    outcomes.push(outcome)
    const { rule, plans, seconds, what } = outcome
    // Without a rule, `what` is why nothing could be tried.
    const how = rule === undefined ? `✗ not found in ${plans} plans ${what ?? ''}` : `✓ ${rule} after ${plans} plans`
    process.stdout.write(`${how}, ${seconds} s: ${mutant.name}\n`)
    await record()
  }
}

async function tryOne(mutant: Mutant): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'custom-credentials-mutant-'))
  try {
    for (const part of ['src', 'crds', 'deploy', 'test/sim', 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    plantIn(folder, mutant)
    const found = join(folder, 'found.json')
    const hunt = [join(folder, 'test/sim/mutants/hunt.ts'), found, String(most), ...candidates(mutant, folder)]
    await promisify(execFile)(process.execPath, hunt, { timeout: PATIENCE_MS })
    return { mutant: mutant.name, ...(JSON.parse(readFileSync(found, 'utf8')) as Find) }
  } catch (error) {
    return { mutant: mutant.name, plans: 0, seconds: 0, what: String(error) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The plan that found the bug last time, in a file. */
function candidates({ name }: Mutant, folder: string): string[] {
  const plan = again ? lastReport()?.outcomes.find(({ mutant }) => mutant === name)?.plan : undefined
  if (plan === undefined) return []
  const file = join(folder, 'candidates.json')
  writeFileSync(file, JSON.stringify([plan]))
  return [file]
}

/** After each mutant anew, so that a run that is interrupted has not been in vain. */
async function record(): Promise<void> {
  const written = reportOf(outcomes, {
    date: new Date().toISOString().slice(0, 10),
    command: 'npm run sim:mutants',
  })
  const style = await resolveConfig(join(root, 'package.json'))
  const write = async (file: string, text: string) => {
    writeFileSync(file, await format(text, { ...style, filepath: file }))
  }
  if (json !== undefined) await write(json, JSON.stringify(written))
  if (report !== undefined) await write(report, textOf(written))
}
