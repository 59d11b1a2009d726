// `npm run demo`: the operator at work on a real cluster, from nothing to a summary.
import { writeFileSync } from 'node:fs'
import { styleText } from 'node:util'
import { Command, Option } from 'commander'
import { prepareImages } from '../../deploy/images/context.ts'
import { ClusterFailure, progressTo, startKindCluster } from '../cluster/index.ts'
import { installOperator } from './install.ts'
import { Narrator } from './narrator.ts'
import { runDemo } from './run-demo.ts'
import { Steps } from './steps.ts'
import { flawsOf, render } from './summary.ts'
import { clearOwnWorld, kindWorld, ownWorld, provideImages, type World } from './world.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_INTERRUPTED = 130

interface Options {
  readonly keep?: boolean
  readonly summary?: string
  readonly kubeconfig?: string
  readonly images?: string
}

const program = new Command('npm run demo --')
  .description(
    'Starts a Kubernetes cluster with the operator, PostgreSQL and an application in it, and shows the life of a credential.',
  )
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
to a registry and name it by --images. What the demo has made is removed at the end.

Exit codes: 0 all as promised, 1 not so or failed, 2 wrong usage, 130 interrupted and cleaned up.`,
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))
  .parse()
const options = program.opts<Options>()
if (options.images !== undefined && options.kubeconfig === undefined) program.error('--images goes with --kubeconfig')

const NEXT_STEPS = `
  kubectl config set-context --current --namespace shop
  kubectl get ccred,stask,jobs,secrets --sort-by=.metadata.creationTimestamp
  kubectl describe ccred orders-db
  kubectl annotate ccred orders-db --overwrite customcredentials.dev/rotate-requested-at=$(date +%s)
  kubectl logs --follow deployment/orders
  kubectl delete ccred orders-db          # the roles go, then the object; the application is locked out
  kubectl get orphans                     # what could not be revoked, if anything
`

const REMOVAL = `  kubectl delete namespace shop databases && kubectl delete --kustomize deploy/base
`

const progress = progressTo(process.stdout)
const narrator = new Narrator(process.stdout)
const steps = new Steps(progress)

try {
  await (options.kubeconfig === undefined ? inKind() : inOwn(options.kubeconfig))
} catch (error) {
  if (!(error instanceof ClusterFailure)) throw error
  process.stderr.write(`${styleText('red', '✗')} ${error.message}\n  Next: ${error.nextStep}\n`)
  process.exitCode ??= EXIT_FAILED
}

async function inKind(): Promise<void> {
  // Meanwhile: starting a cluster is mostly waiting.
  const prepared = prepareImages()
  // Its failure is met where it is awaited.
  void prepared.catch(() => undefined)
  const kept = options.keep === true && { name: 'default', keep: true }
  const cluster = await steps.time('cluster', () => startKindCluster({ progress, ...kept }))
  // One that is kept outlives this process, unless a person calls the demo off.
  if (kept) onInterrupt(() => void cluster.stop().then(() => process.exit(EXIT_INTERRUPTED)))
  try {
    await steps.time('images', () => provideImages(cluster, prepared, progress))
    const world = kindWorld(cluster)
    await steps.run('operator', 'Installing the operator', () => installOperator(world))
    // What runs from here on looks up names.
    await steps.time('dns', () => cluster.waitForDns(progress))
    await present(world)
  } finally {
    if (kept) leave()
    else await progress.step('Removing the cluster', () => cluster.stop())
  }
}

async function present(world: World, signal?: AbortSignal): Promise<void> {
  const summary = await runDemo({ world, narrator, steps, ...(signal && { signal }) })
  narrator.chapter('Summary')
  narrator.text(render(summary))
  if (options.summary !== undefined) writeFileSync(options.summary, `${JSON.stringify(summary, null, 2)}\n`)
  const flaws = flawsOf(summary)
  for (const flaw of flaws) narrator.text(`${styleText('red', '✗')} ${flaw}\n`)
  if (flaws.length > 0) process.exitCode = EXIT_FAILED
}

async function inOwn(kubeconfig: string): Promise<void> {
  const stop = new AbortController()
  onInterrupt(() => {
    process.exitCode = EXIT_INTERRUPTED
    stop.abort(new ClusterFailure('interrupted', 'Start the demo again.'))
  })
  const world = await ownWorld(kubeconfig, options.images)
  try {
    await steps.run('operator', 'Installing the operator', () => installOperator(world))
    await present(world, stop.signal)
  } finally {
    if (options.keep === true) narrator.text(`${NEXT_STEPS}${REMOVAL}`)
    else await clearOwnWorld(world, progress)
  }
}

/** Each signal once: a second Ctrl-C ends the process at once. */
function onInterrupt(act: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, act)
}

function leave(): void {
  narrator.chapter('The cluster is left running. A shell with kubectl in it:')
  narrator.text(`  npm run cluster -- shell --tier kind\n${NEXT_STEPS}`)
  narrator.text('  npm run cluster -- down --tier kind     # ends it\n')
}
