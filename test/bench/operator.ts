import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { freePort } from '../cluster/host/ports.ts'
import { type Stage, until } from './stage.ts'

const ROOT = `${import.meta.dirname}/../..`

interface Manifest {
  readonly kind: string
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly [{ readonly env: readonly { readonly name: string; readonly value?: string }[] }]
      }
    }
  }
}

/** The options of Node that it is deployed with: by itself, V8 would rarely collect on a large machine. */
function optionsOfItsPod(): string {
  const manifests = parseAllDocuments(readFileSync(`${ROOT}/deploy/base/operator.yaml`, 'utf8'))
  const deployment = manifests.map((one) => one.toJS() as Manifest).find(({ kind }) => kind === 'Deployment')
  const options = deployment?.spec.template.spec.containers[0].env.find(({ name }) => name === 'NODE_OPTIONS')?.value
  if (options === undefined) throw new Error('deploy/base/operator.yaml sets no NODE_OPTIONS')
  return options
}

/** Compiles the operator as its image does: run from TypeScript, it would hold a compiler in memory as well. */
export async function compileOperator(): Promise<void> {
  const compiler = `${ROOT}/node_modules/typescript/bin/tsc`
  await promisify(execFile)(process.execPath, [compiler, '-p', `${ROOT}/.config/tsconfig.build.json`, '--noCheck'])
}

/** Resident memory in MiB: now, and the most there ever was. */
export interface Memory {
  readonly rss: number
  readonly peak: number
}

/**
 * The operator as it runs in a pod: credentials of a mounted service account, default log level. (With a kubeconfig it
 * would load a library that its pod never loads.)
 */
export class Operator {
  readonly #child: ChildProcess
  readonly #logPath: string
  /** From the start of the process until it led with full caches. */
  readonly startSeconds: number

  private constructor(child: ChildProcess, logPath: string, startSeconds: number) {
    this.#child = child
    this.#logPath = logPath
    this.startSeconds = startSeconds
  }

  /** Resolves when it leads. With `profiles`, the process leaves a V8 CPU profile in that folder when it ends. */
  static async start({ cluster, serviceAccountDirectory }: Stage, profiles?: string): Promise<Operator> {
    const [gatewayPort, httpPort] = [await freePort(), await freePort()]
    const { hostname, port } = new URL(cluster.url)
    const logPath = join(cluster.folder, 'logs', 'operator.log')
    const log = openSync(logPath, 'w')
    const startedAt = performance.now()
    const profiling = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
    const child = spawn(process.execPath, [...profiling, `${ROOT}/dist/main.js`], {
      stdio: ['ignore', log, log],
      env: {
        NODE_OPTIONS: optionsOfItsPod(),
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: port,
        SERVICE_ACCOUNT_DIRECTORY: serviceAccountDirectory,
        POD_NAME: 'operator',
        GATEWAY_PORT: String(gatewayPort),
        GATEWAY_URL: `https://localhost:${gatewayPort}`,
        HTTP_PORT: String(httpPort),
      },
    })
    closeSync(log)
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the operator has ended:\n${readFileSync(logPath, 'utf8')}`)
      return leads(httpPort)
    }, 120)
    return new Operator(child, logPath, (performance.now() - startedAt) / 1000)
  }

  memory(): Memory {
    const status = readFileSync(`/proc/${this.#child.pid ?? 0}/status`, 'utf8')
    const mebibytes = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024
    return { rss: mebibytes('VmRSS'), peak: mebibytes('VmHWM') }
  }

  /** CPU time that the process has used so far, all its threads together. */
  cpuSeconds(): number {
    const fields =
      readFileSync(`/proc/${this.#child.pid ?? 0}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ') ?? []
    const TICKS_PER_SECOND = 100
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  /** Lines of the log at `warn` and above. */
  complaints(): string[] {
    const lines = readFileSync(this.#logPath, 'utf8').split('\n')
    return lines.filter((line) => line !== '' && !/"level":"(debug|info)"/.test(line))
  }

  /** Resolves when the process has ended and given its lease back. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = new Promise((resolve) => this.#child.once('exit', resolve))
    this.#child.kill('SIGTERM')
    const insist = new AbortController()
    void sleep(30_000, undefined, { signal: insist.signal }).then(
      () => this.#child.kill('SIGKILL'),
      () => undefined,
    )
    await ended
    insist.abort()
  }
}

async function leads(httpPort: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${httpPort}/metrics`)
    return /^customcredentials_leader 1$/m.test(await answer.text())
  } catch {
    return false
  }
}
