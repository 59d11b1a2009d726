import { median, type Tally } from './figures.ts'
import type { Latency } from './latency.ts'
import type { Measurement } from './measure.ts'

/** The figures, ready to be printed or kept. Numbers are medians over the rounds where there are rounds. */
export interface Figures {
  /** Writes per second; R is the bare loop on the same API server, a moment before. */
  readonly throughput: {
    readonly bare: number
    readonly bareWithPods: number
    readonly operator: number
    /** The operator's writes as a share of each bare loop's, each round with its own. */
    readonly shareOfBare: number
    readonly shareOfBareWithPods: number
    readonly tasksPerSecond: number
    readonly cpuMsPerTask: number
    readonly rounds: readonly {
      readonly bare: number
      readonly bareWithPods: number
      readonly operator: number
      readonly tasksPerSecond: number
    }[]
  }
  /** Requests per task. */
  readonly perTask: Readonly<Record<'firstCreate' | 'create' | 'delete', PerTask>>
  readonly latencyMs: { readonly credentialToJob: Latency; readonly reportToSecret: Latency }
  readonly memory: Measurement['footprints']
  readonly complaints: number
}

/** A tally divided by a number of tasks. */
export type PerTask = Tally

export function figures({ rounds, created, rotated, latencies, footprints, complaints }: Measurement): Figures {
  const perRound = rounds.map(({ bare, bareWithPods, wave }) => ({
    bare: bare.writesPerSecond,
    bareWithPods: bareWithPods.writesPerSecond,
    operator: wave.operator.writes / wave.seconds,
    tasksPerSecond: (wave.tasks.create + wave.tasks.delete) / wave.seconds,
    cpuMsPerTask: (wave.cpuSeconds * 1000) / (wave.tasks.create + wave.tasks.delete),
  }))
  const over = (value: (round: (typeof perRound)[number]) => number) => median(perRound.map(value))
  const create = combined([rotated.operator], 1 / rotated.tasks.create)
  // A full rotation is a creation, known from the first rotations, and a deletion: what remains.
  const perDelete = combined(
    rounds.flatMap(({ wave: { operator, tasks } }) => [operator, combined([create], -tasks.create)]),
    1 / rounds.reduce((sum, { wave }) => sum + wave.tasks.delete, 0),
  )
  return {
    throughput: {
      bare: over((round) => round.bare),
      bareWithPods: over((round) => round.bareWithPods),
      operator: over((round) => round.operator),
      shareOfBare: over((round) => round.operator / round.bare),
      shareOfBareWithPods: over((round) => round.operator / round.bareWithPods),
      tasksPerSecond: over((round) => round.tasksPerSecond),
      cpuMsPerTask: over((round) => round.cpuMsPerTask),
      rounds: perRound,
    },
    perTask: { firstCreate: combined([created.operator], 1 / created.tasks.create), create, delete: perDelete },
    latencyMs: latencies,
    memory: footprints,
    complaints: complaints.length,
  }
}

/** The sum of tallies, times a factor. */
function combined(tallies: readonly Tally[], factor: number): Tally {
  const sum = (value: (tally: Tally) => number) => tallies.reduce((all, tally) => all + value(tally), 0) * factor
  const kinds = [...new Set(tallies.flatMap(({ byKind }) => Object.keys(byKind)))].sort()
  return {
    writes: sum(({ writes }) => writes),
    refused: sum(({ refused }) => refused),
    reads: sum(({ reads }) => reads),
    tokenReviews: sum(({ tokenReviews }) => tokenReviews),
    events: sum(({ events }) => events),
    byKind: Object.fromEntries(kinds.map((kind) => [kind, sum(({ byKind }) => byKind[kind] ?? 0)])),
  }
}

/** The figures as a Markdown table, each beside what the project holds itself to. */
export function table({ throughput, perTask, latencyMs, memory }: Figures): string {
  const { firstCreate, create, delete: removal } = perTask
  const ms = ({ p50, p99 }: Latency) => `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`
  const counts = ({ writes, refused, reads, tokenReviews, events }: PerTask) =>
    [writes, refused, reads, tokenReviews, events].map((count) => round(count)).join(' / ')
  const rows: [string, string, string][] = [
    ['R: bare writes/s', throughput.bare.toFixed(0), ''],
    ['R with pods: bare writes/s beside pods, tokens and reviews', throughput.bareWithPods.toFixed(0), ''],
    ['operator writes/s under load', throughput.operator.toFixed(0), ''],
    ['share of R', percent(throughput.shareOfBare), '≥ 85 %'],
    ['share of R with pods', percent(throughput.shareOfBareWithPods), ''],
    ['tasks/s', throughput.tasksPerSecond.toFixed(1), '≥ 100'],
    ['operator CPU per task', `${throughput.cpuMsPerTask.toFixed(1)} ms`, '≤ 3 ms'],
    ['first create task: writes / refused / reads / token reviews / events', counts(firstCreate), '10 / 0 / 0 / 1'],
    ['create task: the same', counts(create), '8 / 0 / 0 / 1'],
    ['delete task: the same', counts(removal), '7 / 0 / 0 / 1'],
    ['credential created → Job, p50 / p99', ms(latencyMs.credentialToJob), '20 / 100 ms'],
    ['report → Secret, p50 / p99', ms(latencyMs.reportToSecret), '8 / 50 ms'],
    ...memory.map(({ credentials, rotated, rss, peak, startSeconds }): [string, string, string] => [
      `${credentials} ${rotated ? 'rotated ' : ''}credentials: RSS (peak), start to leading`,
      `${rss.toFixed(0)} MiB (${peak.toFixed(0)}), ${startSeconds.toFixed(1)} s`,
      MEMORY_TARGETS[credentials] ?? '',
    ]),
  ]
  return [
    '| figure | here | target |',
    '| --- | ---: | ---: |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}

const MEMORY_TARGETS: Readonly<Record<number, string>> = { 0: '60 MB', 1000: '65 MB', 10_000: '90 MB' }
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`
const round = (count: number): string => String(Math.round(count * 100) / 100)
