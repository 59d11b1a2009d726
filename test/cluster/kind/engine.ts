import { run, succeeds, type CommandOptions } from '../host/command.ts'

/** A Docker engine, known by the environment in which the `docker` client finds it. */
export class Engine {
  readonly env: Record<string, string>
  /** False for an engine of our own: its network namespace has no way out. */
  readonly canPull: boolean

  constructor(env: Record<string, string>, canPull: boolean) {
    this.env = env
    this.canPull = canPull
  }

  docker(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    return run('docker', args, { ...options, env: { ...this.env, ...options.env } })
  }

  has(image: string): Promise<boolean> {
    return succeeds('docker', ['image', 'inspect', image], { env: this.env })
  }

  /** True if the image is there, or can be pulled, which may take minutes. */
  async hasOrPulls(image: string): Promise<boolean> {
    return (await this.has(image)) || (this.canPull && (await succeeds('docker', ['pull', image], { env: this.env })))
  }
}

/** The engine that `docker` finds in this environment (DOCKER_HOST, the current context, the stock socket). */
export async function runningEngine(): Promise<Engine | undefined> {
  return (await succeeds('docker', ['version'])) ? new Engine({}, true) : undefined
}
