import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** A set of tests by what it needs to run. */
export interface Tier {
  readonly name: 'static' | 'unit' | 'api' | 'kind' | 'sim'
  readonly proves: string
  /** Why this machine cannot run it, and what would help; undefined when it can. */
  readonly missing: () => string | undefined
  /** Steps, each a command of the project's tool chain. A step with a vitest project counts its tests; another counts one. */
  readonly steps: readonly Step[]
}

export type Step = Command | { readonly project: string }

export interface Command {
  readonly title: string
  readonly command: readonly string[]
  /** Leaves the processor to whatever else runs. */
  readonly gently?: boolean
}

const eslint = ['eslint', '--flag', 'unstable_native_nodejs_ts_config', '-c', '.config/eslint.config.ts', '.']

const STATIC: Tier = {
  name: 'static',
  proves: 'the format, the lint rules (layers among them), the types',
  missing: () => undefined,
  steps: [
    { title: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
    { title: 'lint', command: eslint },
    { title: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  ],
}

const UNIT: Tier = {
  name: 'unit',
  proves: 'decisions, queue, schema, schedule, client: sentences over tables, properties; generated files are fresh',
  missing: () => undefined,
  steps: [{ project: 'unit' }],
}

const API: Tier = {
  name: 'api',
  proves: 'real etcd, kube-apiserver and kube-controller-manager: admission, roles, faults, a SIGKILL at every write',
  missing: () =>
    hasGo() || hasDocker()
      ? undefined
      : 'Neither Go nor a Docker engine is there to build the control plane with. Install Go 1.26 or newer.',
  steps: [{ project: 'api' }],
}

const KIND: Tier = {
  name: 'kind',
  proves: 'a real kind cluster: real containers, the operator as a Deployment, PostgreSQL, the demo',
  missing: () => {
    if (hasDocker()) return undefined
    if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
      return 'No Docker engine answers, and one can be set up only as root on Debian. Start Docker, or run as root on Debian.'
    }
    return hasGo()
      ? undefined
      : 'Go is not on the PATH. Install Go 1.26 or newer: kind and the node image are built from source.'
  },
  steps: [{ project: 'kind' }],
}

const SIM: Tier = {
  name: 'sim',
  proves:
    'the operator in a simulated cluster: all single faults of two workloads, each kind in all of them, random ones',
  missing: () => undefined,
  steps: [
    {
      title: 'no rule is broken by any single fault while a credential is created, rotated and deleted',
      command: ['node', 'test/sim/cli.ts', '--workload', 'create', 'delete'],
      gently: true,
    },
    {
      title: 'no rule is broken by any kind of fault in some workload, nor by random ones in any',
      command: ['node', 'test/sim/cli.ts', '--turns', '1', '--seeds', '5000'],
      gently: true,
    },
  ],
}

/**
 * One stage after the other; the lanes of a stage at the same time, and in a lane one tier after the other. The simulator takes
 * what the clusters leave, which wait for containers and time-outs half of their time. Those two side by side took longer on
 * two cores.
 */
export const STAGES: readonly (readonly (readonly Tier[])[])[] = [
  [[STATIC], [UNIT]],
  [[API, KIND], [SIM]],
]

const answers = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 10_000 })
    return true
  } catch {
    return false
  }
}

const hasGo = (): boolean => answers('go', 'version')
const hasDocker = (): boolean => answers('docker', 'info')
