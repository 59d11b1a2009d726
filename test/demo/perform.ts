import { writeFileSync } from 'node:fs'
import { styleText } from 'node:util'
import { Command, Option } from 'commander'
import { together } from '../cluster/host/together.ts'
import { prepareImages } from '../../deploy/images/context.ts'
import { ClusterFailure, type KindCluster, progressTo, startKindCluster } from '../cluster/index.ts'
import { installOperator, installProviders, installUpstream } from './install.ts'
import { Narrator } from './narrator.ts'
import { type Demo, NAMESPACE } from './scene.ts'
import { Steps } from './steps.ts'
import { buildImages, clearOwnWorld, kindWorld, loadImages, ownWorld, type World } from './world.ts'

/** Something to see in a cluster with the operator in it. */
export interface Show {
  /** What starts it. */
  readonly command: string
  readonly description: string
  /** What to try in a cluster that is kept. */
  readonly nextSteps: string
  /** Operator, database and providers are there. */
  readonly play: (demo: Demo) => Promise<Outcome>
}

export interface Outcome {
  /** For programs: `--summary` writes it as it is. */
  readonly summary: object
  /** The same for people. */
  readonly text: string
  /** Where it has not shown what it promises. */
  readonly flaws: readonly string[]
}

interface Options {
  readonly keep?: boolean
  readonly summary?: string
  readonly kubeconfig?: string
  readonly images?: string
}

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_INTERRUPTED = 130

const REMOVAL = `  kubectl --namespace shop delete ccred --all && kubectl get orphans   # none must be left
  kubectl delete namespace shop databases && kubectl delete --kustomize deploy/base
`

/** Runs a show as the command line asks for it, from nothing to a summary; sets the exit code. */
export async function perform(show: Show): Promise<void> {
  const performance = new Performance(show, optionsOf(show))
  try {
    await performance.run()
  } catch (error) {
    if (!(error instanceof ClusterFailure)) throw error
    process.stderr.write(`${styleText('red', '✗')} ${error.message}\n  Next: ${error.nextStep}\n`)
    process.exitCode ??= EXIT_FAILED
  }
}

function optionsOf({ command, description }: Show): Options {
  const program = new Command(`${command} --`)
    .description(description)
    .option('--keep', 'leave the cluster running, and say what to try next')
    .option('--summary <file>', 'write the summary to this file, as JSON')
    .option('--kubeconfig <file>', 'use this cluster of your own; none is ever used unnamed')
    .addOption(
      new Option('--images <prefix>', 'with --kubeconfig: pull the images from here, e.g. registry.example.com/team'),
    )
    .addHelpText(
      'after',
      `
Your own cluster must find the images custom-credentials-operator:dev and custom-credentials-provider-postgres:dev. Build
them with "npm run images"; then load them (kind load docker-image, k3d image import, minikube image load), or push them
to a registry and name it by --images. What has been made is removed at the end.

Exit codes: 0 all as promised, 1 not so or failed, 2 wrong usage, 130 interrupted and cleaned up.`,
    )
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
    .parse()
  const options = program.opts<Options>()
  if (options.images !== undefined && options.kubeconfig === undefined) program.error('--images goes with --kubeconfig')
  return options
}

class Performance {
  readonly #show: Show
  readonly #options: Options
  readonly #progress = progressTo(process.stdout)
  readonly #narrator = new Narrator(process.stdout)
  readonly #steps = new Steps(this.#progress)

  constructor(show: Show, options: Options) {
    this.#show = show
    this.#options = options
  }

  run(): Promise<void> {
    const { kubeconfig } = this.#options
    return kubeconfig === undefined ? this.#inKind() : this.#inOwn(kubeconfig)
  }

  async #inKind(): Promise<void> {
    const progress = this.#progress
    const prepared = prepareImages()
    // Its failure is met where it is awaited.
    void prepared.catch(() => undefined)
    const meanwhile = (cluster: KindCluster) => buildImages(cluster, prepared, progress)
    const kept = this.#options.keep === true && { name: 'default', keep: true }
    const cluster = await this.#steps.time('cluster', () => startKindCluster({ progress, meanwhile, ...kept }))
    // One that is kept outlives this process, unless a person calls the show off.
    if (kept) onInterrupt(() => void cluster.stop().then(() => process.exit(EXIT_INTERRUPTED)))
    try {
      await this.#steps.time('images', () => loadImages(cluster, progress))
      const world = kindWorld(cluster)
      // What runs from here on looks up names.
      await together([this.#install(world), this.#steps.time('dns', () => cluster.waitForDns(progress))])
      await this.#play(world)
    } finally {
      if (kept) this.#leave()
      else await progress.step('Removing the cluster', () => cluster.stop())
    }
  }

  async #inOwn(kubeconfig: string): Promise<void> {
    const stop = new AbortController()
    onInterrupt(() => {
      process.exitCode = EXIT_INTERRUPTED
      stop.abort(new ClusterFailure('interrupted', 'Start it again.'))
    })
    const world = await ownWorld(kubeconfig, this.#options.images)
    try {
      await this.#install(world)
      await this.#play(world, stop.signal)
    } finally {
      if (this.#options.keep === true) this.#narrator.text(`${this.#show.nextSteps}${REMOVAL}`)
      else await clearOwnWorld(world, this.#progress)
    }
  }

  async #install(world: World): Promise<void> {
    const [administrator] = await together([
      this.#steps.run('database', 'Starting PostgreSQL', () => installUpstream(world)),
      this.#steps.run('operator', 'Installing the operator', () => installOperator(world)),
    ])
    await installProviders(world, NAMESPACE, administrator)
  }

  async #play(world: World, signal?: AbortSignal): Promise<void> {
    const narrator = this.#narrator
    const { summary, text, flaws } = await this.#show.play({
      world,
      narrator,
      steps: this.#steps,
      ...(signal && { signal }),
    })
    narrator.chapter('Summary')
    narrator.text(text)
    if (this.#options.summary !== undefined)
      writeFileSync(this.#options.summary, `${JSON.stringify(summary, null, 2)}\n`)
    for (const flaw of flaws) narrator.text(`${styleText('red', '✗')} ${flaw}\n`)
    if (flaws.length > 0) process.exitCode = EXIT_FAILED
  }

  #leave(): void {
    const narrator = this.#narrator
    narrator.chapter('The cluster is left running. A shell with kubectl in it:')
    narrator.text(`  npm run cluster -- shell --tier kind\n${this.#show.nextSteps}`)
    narrator.text('  npm run cluster -- down --tier kind     # ends it\n')
  }
}

/** Each signal once: a second Ctrl-C ends the process at once. */
function onInterrupt(act: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, act)
}
