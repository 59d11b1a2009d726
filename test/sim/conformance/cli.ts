import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { progressTo } from '../../cluster/index.ts'
import { clusterPort } from './cluster-port.ts'
import { headline } from './compare.ts'
import { sequenceOf } from './generate.ts'
import { KIND_NAMES } from './kinds/index.ts'
import { OPERATIONS } from './operations.ts'
import { bareCluster } from './real-cluster.ts'
import { writeTraces } from './traces.ts'
import { inParallel, type Trial, Tribunal } from './trial.ts'
import { shrunk } from './shrink.ts'

const CONCURRENCY = 16

const whole = (text: string): number => Number.parseInt(text, 10)
const options = new Command('npm run sim:conformance --')
  .description('Plays random sequences on the model API server and on a real one, and compares all that they answer.')
  .option('--sequences <n>', 'how many', whole, 10_000)
  .option('--seed <n>', 'of the first sequence; the others follow', whole, 1)
  .option('--all', 'go on after a divergence, and count them by what they look like')
  .option('--json <file>', 'write the figures to this file')
  .option('--record <file>', "write the sequences with the real server's answers to this file")
  .addHelpText('after', '\nExit code: 0 the servers behave alike, 1 they do not, 2 wrong usage.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ sequences: number; seed: number; all?: true; json?: string; record?: string }>()

const print = (line: string) => process.stdout.write(`${line}\n`)

await using cluster = await bareCluster('conformance', progressTo(process.stderr))
const port = clusterPort(cluster)
const tribunal = new Tribunal(port, 'play')
const started = performance.now()
const divergences = new Map<string, number>()
const trials = new Map<number, Trial>()
let done = 0
let operations = 0

function* seeds(): Generator<number> {
  for (let i = 0; i < options.sequences; i++) {
    if (divergences.size > 0 && !options.all) return
    yield options.seed + i
  }
}

await inParallel(seeds(), CONCURRENCY, async (seed) => {
  const trial = await tribunal.try(sequenceOf(seed))
  if (options.record !== undefined) trials.set(seed, trial)
  done += 1
  operations += trial.sequence.length
  if (done % 500 === 0) process.stderr.write(`… ${done} sequences, ${seconds()} s\n`)
  if (!trial.divergence) return
  const line = headline(trial.divergence)
  divergences.set(line, (divergences.get(line) ?? 0) + 1)
  const isFirst = divergences.size === 1 || options.all === true
  if (isFirst && divergences.get(line) === 1) await tell(seed, trial)
})
const found = [...divergences.values()].reduce((sum, count) => sum + count, 0)
if (options.all) for (const [line, count] of [...divergences].sort(([, a], [, b]) => b - a)) print(`${count} × ${line}`)
const figures = {
  sequences: done,
  operations,
  operationKinds: OPERATIONS.length,
  resourceKinds: KIND_NAMES.length,
  divergences: found,
  unsteady: tribunal.unsteady.length,
  seconds: seconds(),
}
print(JSON.stringify(figures))
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures)}\n`)
if (options.record !== undefined)
  writeFileSync(options.record, writeTraces([...trials].sort(([a], [b]) => a - b).map(([, trial]) => trial)))
port.close()
process.exitCode = found === 0 ? 0 : 1

function seconds(): number {
  return Math.round((performance.now() - started) / 100) / 10
}

/** The divergence, in the shortest sequence that shows it. */
async function tell(seed: number, trial: Trial): Promise<void> {
  const sequence = await shrunk(
    trial.sequence,
    async (shorter) => (await tribunal.try(shorter)).divergence !== undefined,
  )
  const { divergence = trial.divergence } = await tribunal.try(sequence)
  if (!divergence) return
  const lines = [
    `✗ seed ${seed}: ${divergence.step ? `step ${divergence.step.id}, ${divergence.step.operation}` : 'the stream'} of ${divergence.kind}`,
    ...sequence.map(({ id, operation, ...call }) => `  ${id}. ${operation}: ${JSON.stringify(call)}`),
    `  real:  ${JSON.stringify(divergence.real)}`,
    `  model: ${JSON.stringify(divergence.model)}`,
    ...divergence.differences.map((line) => `  ${line}`),
  ]
  print(lines.join('\n'))
}
