#!/usr/bin/env node
import { Command, Option } from 'commander'

import { down, openShell, status, up, type Choice } from './commands.ts'
import { ClusterFailure } from './host/failure.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2

const tier = new Option('--tier <tier>', 'api: control plane only, no root; kind: a node that runs containers').choices(
  ['api', 'kind'],
)
const kubeconfig = new Option(
  '--kubeconfig <file>',
  'use this cluster of your own; none is ever used unnamed',
).conflicts('tier')
const json = new Option('--json', 'print the result as JSON')

/** Prints what a command answers: for people, or for programs. */
const print = (lines: string, result: unknown, asJson: boolean | undefined): void => {
  console.log(asJson === true ? JSON.stringify(result, null, 2) : lines)
}

const program = new Command('cluster')
  .description('Kubernetes clusters for tests and for trying things out, from source, in this checkout only.')
  .addHelpText(
    'after',
    `
Exit codes: 0 done, 1 failed (status: none is up), 2 wrong usage, 130 interrupted and cleaned up.
Environment: CUSTOM_CREDENTIALS_CACHE  folder for binaries and images (default ~/.cache/custom-credentials-operator)
             TMPDIR                    where the state of clusters lies`,
  )
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_USAGE))

program
  .command('up')
  .description('start a cluster and leave it running; one that is up is left as it is')
  .addOption(tier.default('api'))
  .addOption(kubeconfig)
  .addOption(json)
  .action(async (options: Choice & { json?: boolean }) => {
    const cluster = await up(options)
    print(`${cluster.title} is up.\n  export KUBECONFIG=${cluster.kubeconfig}`, cluster, options.json)
  })

program
  .command('down')
  .description('end what `up` started and remove its files')
  .addOption(tierOfAll())
  .addOption(json)
  .action((options: Choice & { json?: boolean }) => {
    const ended = down(options)
    print(ended.length === 0 ? 'Nothing was up.' : `Ended: ${ended.join(', ')}.`, ended, options.json)
  })

program
  .command('status')
  .description('tell what is up')
  .addOption(tierOfAll())
  .addOption(kubeconfig)
  .addOption(json)
  .action(async (options: Choice & { json?: boolean }) => {
    const clusters = await status(options)
    const lines = clusters.map(
      ({ title, ready, ...at }) => `${title}: ${ready ? 'ready' : 'not answering'}, ${at.kubeconfig}`,
    )
    print(lines.join('\n') || 'None is up. Start one: npm run cluster -- up', clusters, options.json)
    if (!clusters.some(({ ready }) => ready)) process.exitCode = EXIT_FAILED
  })

program
  .command('shell')
  .description('open $SHELL with KUBECONFIG set and kubectl on the PATH')
  .addOption(tier.default('api'))
  .addOption(kubeconfig)
  .action(async (options: Choice) => {
    process.exitCode = await openShell(options)
  })

/** Without a default: a command that looks at all tiers unless one is named. */
function tierOfAll(): Option {
  return new Option(tier.flags, `${tier.description} (default: both)`).choices(['api', 'kind'])
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof ClusterFailure)) throw error
  console.error(`error: ${error.message}\nnext:  ${error.nextStep}`)
  process.exitCode = EXIT_FAILED
}
