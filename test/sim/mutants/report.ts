import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { INVARIANTS } from '../invariants/index.ts'
import type { Find } from './hunt.ts'
import { MUTANTS } from './catalogue.ts'

export interface Outcome extends Find {
  readonly mutant: string
}

export interface Report {
  /** Day of the last run, ISO. */
  readonly date: string
  readonly command: string
  readonly total: number
  readonly killed: number
  readonly outcomes: readonly Outcome[]
}

const FILE = join(import.meta.dirname, 'report.json')

/** What the last recorded run has found; undefined where none was recorded. */
export const lastReport = (): Report | undefined =>
  existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Report) : undefined

/** The outcomes in the order of the catalogue; what was not tried this time stays as it was last time. */
export function reportOf(outcomes: readonly Outcome[], { date, command }: Pick<Report, 'date' | 'command'>): Report {
  const before = lastReport()?.outcomes ?? []
  const all = MUTANTS.flatMap(({ name }) => {
    const isIt = ({ mutant }: Outcome) => mutant === name
    return outcomes.find(isIt) ?? before.find(isIt) ?? []
  })
  return { date, command, total: all.length, killed: all.filter(isKilled).length, outcomes: all }
}

export const isKilled = ({ rule }: Outcome): boolean => rule !== undefined

/** For people: how each bug was found, and which bugs each rule has found. */
export function textOf({ date, command, total, killed, outcomes }: Report): string {
  const plans = outcomes.filter(isKilled).map((outcome) => outcome.plans)
  return (
    [
      '# Planted bugs, and how the simulator finds them',
      `\`${command}\`, last run on ${date}: ${killed} of ${total} killed, half of them within ${median(plans)} plans.`,
      'Each bug is planted in a copy of the operator, which is then explored as `npm run sim` does, up to the first rule that is broken. A count in the thousands is the place of a known plan in that order (`--again`): others of its kind may come earlier.',
      table(
        ['bug', 'what it does', 'found by', 'plans', 's', 'smallest plan'],
        outcomes.map((outcome) => [
          outcome.mutant,
          MUTANTS.find(({ name }) => name === outcome.mutant)?.says ?? '',
          outcome.rule ?? '**nothing**',
          String(outcome.plans),
          String(outcome.seconds),
          smallest(outcome),
        ]),
      ),
      '## What each rule has found',
      'A bug counts for every rule that finds it by the smallest plan, were it the only rule.',
      table(
        ['rule', 'bugs'],
        INVARIANTS.map(({ id }) => [id, foundBy(id, outcomes).join(', ') || '**none**']),
      ),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  )
}

/** The bugs that this rule finds by the smallest plan. */
export const foundBy = (rule: string, outcomes: readonly Outcome[]): string[] =>
  outcomes.filter(({ rules }) => rules?.includes(rule)).map(({ mutant }) => mutant)

function smallest({ plan }: Outcome): string {
  if (plan === undefined) return ''
  const faults = plan.faults.map(({ fault, place, nth }) => `${fault} at ${place} #${nth}`)
  const seed = plan.seed === 0 ? [] : [`seed ${plan.seed}`]
  return [plan.workload, ...seed, ...faults].join(', ')
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
