// `npm test`: everything that this machine can run, tier by tier, and what it could not run and why.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { Command } from 'commander'
import { STAGES, type Step, type Tier } from './tiers.ts'

interface Count {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

interface Result extends Count {
  readonly tier: Tier['name']
  readonly seconds: number
  /** Why it was not run. */
  readonly missing?: string
}

const TIERS = STAGES.flat(2)
const program = new Command('npm test --')
  .description('Runs all tests that this machine can run, and says which it cannot and why.')
  .option('--tier <names...>', `only these: ${TIERS.map(({ name }) => name).join(', ')}`)
  .option('--json <file>', 'write the results to this file')
  .addHelpText(
    'after',
    '\nWith CI=true a tier that is not run, or a test that is skipped, is a failure.\nExit code: 0 all passed, 1 a failure, 2 wrong usage.',
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
const { tier: only, json } = program.opts<{ tier?: string[]; json?: string }>()
const unknown = only?.filter((name) => !TIERS.some((tier) => tier.name === name)) ?? []
if (unknown.length > 0) {
  process.stderr.write(
    `✗ no tier is called ${unknown.join(', ')}. Next: choose from ${TIERS.map((t) => t.name).join(', ')}.\n`,
  )
  process.exit(2)
}
const strict = process.env['CI'] === 'true'

/** The steps that are under way: each cleans up after itself when told to stop, and this process ends after them. */
const running = new Set<ChildProcess>()
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopped.abort()
    // Ctrl-C reaches them by itself.
    if (signal !== 'SIGINT') for (const child of running) child.kill(signal)
  })
}

const results: Result[] = []
for (const lanes of STAGES) {
  results.push(...(await Promise.all(lanes.map(runLane))).flat())
  if (stopped.signal.aborted) process.exit(130)
}
summarize(results)
if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)

async function runLane(lane: readonly Tier[]): Promise<Result[]> {
  const results: Result[] = []
  for (const tier of lane.filter(({ name }) => only?.includes(name) ?? true))
    if (!stopped.signal.aborted) results.push(await runTier(tier))
  return results
}

async function runTier(tier: Tier): Promise<Result> {
  const missing = tier.missing()
  const none = { tier: tier.name, passed: 0, failed: 0, skipped: 0, seconds: 0 }
  if (missing !== undefined) return { ...none, missing, failed: strict ? 1 : 0 }
  process.stdout.write(`\n${styleText('bold', `▶ ${tier.name}`)}: ${tier.proves}\n`)
  const started = performance.now()
  const counts: Count[] = []
  for (const step of tier.steps) if (!stopped.signal.aborted) counts.push(await runStep(step))
  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0)
  const seconds = Math.round((performance.now() - started) / 1000)
  return { tier: tier.name, passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped'), seconds }
}

async function runStep(step: Step): Promise<Count> {
  if ('project' in step) return runProject(step.project)
  const code = await run(step.command, step.gently)
  process.stdout.write(`${code === 0 ? '✓' : '✗'} ${step.title}\n`)
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 }
}

/** Runs a vitest project and counts its tests. A run that ends badly without a failed test counts as one failure. */
async function runProject(project: string): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'custom-credentials-test-'))
  const report = join(folder, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const code = await run([
    'vitest',
    'run',
    '--root',
    '.',
    '--config',
    '.config/vitest.config.ts',
    '--project',
    project,
    ...reporters,
  ])
  const { passed, failed, skipped } = countsOf(report)
  rmSync(folder, { recursive: true, force: true })
  const isEmpty = passed + failed === 0
  const hidden = (code !== 0 && failed === 0) || isEmpty ? 1 : 0
  return { passed, failed: failed + hidden + (strict ? skipped : 0), skipped }
}

function countsOf(report: string): Count {
  try {
    const parsed = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>
    const count = (name: string) => parsed[name] ?? 0
    return {
      passed: count('numPassedTests'),
      failed: count('numFailedTests'),
      skipped: count('numPendingTests') + count('numTodoTests'),
    }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

function run([command = '', ...args]: readonly string[], gently = false): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
    if (gently && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
    running.add(child)
    child.once('error', reject)
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code ?? 1)
    })
  })
}

function summarize(all: readonly Result[]): void {
  process.stdout.write('\n')
  for (const { tier, passed, failed, skipped, seconds, missing } of all) {
    const counted = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}, ${seconds} s`
    const mark = failed > 0 ? styleText('red', '✗') : missing === undefined ? styleText('green', '✓') : '–'
    process.stdout.write(`${mark} ${tier.padEnd(6)} ${missing === undefined ? counted : `skipped: ${missing}`}\n`)
  }
  const sum = (key: keyof Count) => all.reduce((total, result) => total + result[key], 0)
  // The closing line that a machine reads.
  process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed\n`)
  process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0
}
