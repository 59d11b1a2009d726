import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { ClusterFailure, progressTo } from '../cluster/index.ts'
import { measure, type Sizes } from './measure.ts'
import { figures, table } from './table.ts'

interface Options {
  readonly tasks: number
  readonly credentials: number
  readonly quick?: boolean
  readonly json?: string
  readonly profile?: string
}

const ABOUT = [
  'Measures the operator on a real etcd and API server of its own, beside R: a bare loop of the same writes on the same API',
  'server. Nothing else runs there; the bench itself plays the Job controller, the kubelet and the provider’s container.',
  'Requests are counted in the audit log and do not depend on the machine; compare everything else with R.',
].join(' ')

const ROUNDS = 3
/** A credential is created, rotated once, and in each round rotated with a deletion. */
const TASKS_PER_CREDENTIAL = 2 + 2 * ROUNDS

const program = new Command('npm run bench --')
  .description(ABOUT)
  .option('--tasks <n>', 'tasks under load, in all rounds together', positive, 1600)
  .option(
    '--credentials <n>',
    'credentials that memory is measured among, besides 0 and a tenth of them',
    positive,
    10_000,
  )
  .option('--quick', 'a fifth of all that, and shorter loops')
  .option('--json <file>', 'write the figures to a file, too')
  .option('--profile <folder>', 'leave V8 CPU profiles of the operator there')

await run(program.parse().opts<Options>())

async function run(options: Options): Promise<void> {
  try {
    const result = figures(await measure(sizesOf(options), progressTo(process.stderr)))
    const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version }
    console.log(table(result))
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine, ...result }, null, 2)}\n`)
    if (result.complaints > 0) console.error(`The operator logged ${result.complaints} warnings and errors under load.`)
  } catch (error) {
    if (!(error instanceof ClusterFailure)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}

function sizesOf({ tasks, credentials, quick = false, profile }: Options): Sizes {
  const part = (whole: number) => Math.max(1, Math.round(quick ? whole / 5 : whole))
  return {
    credentials: part(tasks / TASKS_PER_CREDENTIAL),
    declared: part(100),
    declaredPerSecond: 20,
    footprints: [part(credentials / 10), part(credentials)],
    restSeconds: quick ? 3 : 10,
    ceilingSeconds: quick ? 2 : 4,
    rounds: ROUNDS,
    ...(profile !== undefined && { profiles: profile }),
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed')
  return value
}
