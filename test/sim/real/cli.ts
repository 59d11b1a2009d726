import { createWriteStream, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { progressTo, startApiCluster } from '../../cluster/index.ts'
import { lineOf } from '../story.ts'
import { campaign, type Extent } from './campaign.ts'
import { JUDGED } from './judge.ts'
import { UNJUDGED, UNTRIED } from './limits.ts'

interface Options extends Extent {
  readonly json?: string
  readonly story?: string
  readonly list?: boolean
}

const whole = (text: string): number => Number.parseInt(text, 10)
const options = new Command('npm run sim:real --')
  .description(
    'Runs the operator against a real API server, has it suffer, and judges it by the rules of the simulator.',
  )
  .option('--kills <n>', 'SIGKILL at so many consecutive writes', whole, 500)
  .option('--pauses <n>', 'SIGSTOP of one of two operators, for longer than its lease', whole, 10)
  .option('--restarts <n>', 'of the API server and etcd, by turns', whole, 10)
  .option('--faults <n>', 'faults on the way between operator, API server, container and upstream', whole, 200)
  .option('--lives <n>', 'credentials that are under way at the same time', whole, 16)
  .option('--patience-seconds <n>', 'how long a life may make no progress', whole, 3600)
  .option('--seed <n>', 'chooses the faults and the lives', whole, 1)
  .option('--json <file>', 'write the figures to this file')
  .option('--story <file>', 'write what happens to this file, line by line')
  .option('--list', 'what is judged, and what of it is not put to the test')
  .addHelpText('after', '\nExit code: 0 no rule was broken, 1 one was, 2 wrong usage.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Options>()

const PROGRESS_MS = 30_000

const print = (line: string) => process.stderr.write(`${line}\n`)
if (options.list) list()
else await run()

function list(): void {
  for (const { id, says } of JUDGED) process.stdout.write(`rule ${id}: ${says}\n`)
  for (const { id, why } of UNJUDGED) process.stdout.write(`rule ${id} is not judged: ${why}\n`)
  for (const { id, why } of UNTRIED) process.stdout.write(`rule ${id} is not put to the test: ${why}\n`)
}

async function run(): Promise<void> {
  const story = options.story === undefined ? undefined : createWriteStream(options.story)
  await using cluster = await startApiCluster({ readable: true, progress: progressTo(process.stderr) })
  let judged = 0
  const progress = setInterval(() => {
    print(`… ${judged} facts judged`)
  }, PROGRESS_MS)
  const figures = await campaign(options, {
    cluster,
    print,
    onFact: (fact, count) => {
      judged = count
      const line = lineOf(fact)
      if (line !== undefined) story?.write(`${new Date().toISOString().slice(11, 23)} #${count} ${line}\n`)
    },
  })
  clearInterval(progress)
  const { violations, ...rest } = figures
  for (const { rule, what, fact } of violations) print(`✗ ${rule} at fact ${fact}: ${what}`)
  process.stdout.write(`${JSON.stringify({ ...rest, violations: violations.length }, null, 2)}\n`)
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
