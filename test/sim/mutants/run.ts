import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { type Mutant, MUTANTS } from './catalogue.ts'

interface Outcome {
  readonly mutant: string
  readonly rule?: string
  /** Plans until it was found. */
  readonly plans: number
}

const { only, json } = new Command('npm run sim:mutants --')
  .description('Plants each bug of the catalogue in a copy of the operator and looks whether the simulator finds it.')
  .option('--only <names...>', 'only these')
  .option('--json <file>', 'write the outcomes to this file')
  .parse()
  .opts<{ only?: string[]; json?: string }>()

const root = join(import.meta.dirname, '../../..')
const outcomes: Outcome[] = []
for (const mutant of MUTANTS.filter(({ name }) => only?.includes(name) ?? true)) {
  const outcome = tryMutant(mutant)
  outcomes.push(outcome)
  const { rule, plans } = outcome
  const how = rule === undefined ? `✗ survived ${plans} plans` : `✓ killed by ${rule} after ${plans} plans`
  process.stdout.write(`${how}: ${mutant.name}\n`)
}
const killed = outcomes.filter(({ rule }) => rule !== undefined).length
process.stdout.write(`${killed} of ${outcomes.length} mutants killed\n`)
if (json !== undefined)
  writeFileSync(json, `${JSON.stringify({ total: outcomes.length, killed, outcomes }, null, 2)}\n`)
process.exitCode = killed === outcomes.length ? 0 : 1

function tryMutant({ name, file, find, replace }: Mutant): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'custom-credentials-mutant-'))
  try {
    for (const part of ['src', 'crds', 'test/sim', 'package.json']) {
      cpSync(join(root, part), join(folder, part), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const source = readFileSync(join(folder, file), 'utf8')
    if (source.split(find).length !== 2) throw new Error(`${name}: its text must stand exactly once in ${file}`)
    writeFileSync(join(folder, file), source.replace(find, replace))
    const report = join(folder, 'report.json')
    spawnSync(process.execPath, [join(folder, 'test/sim/cli.ts'), '--first', '--seeds', '300', '--json', report])
    const { plans, seeds, broken } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, never> & {
      plans: number
      seeds: number
      broken?: string
    }
    return { mutant: name, plans: plans + seeds, ...(broken !== undefined && { rule: broken }) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
