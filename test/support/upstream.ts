import type { Container, ContainerRun } from './kubelet.ts'

/**
 * An upstream system that remembers what was ever made in it, and a provider for it that keeps the contract: names derive
 * from the task ID, what is not there is deleted, and a lost answer is never a reason to undo.
 */
export class Ledgered {
  readonly #alive = new Map<string, string>()
  /** Every credential that was ever made, in order. */
  readonly made: string[] = []

  alive(): string[] {
    return [...this.#alive.keys()]
  }

  readonly container: Container = async (run) =>
    run.env['SM_ACTION'] === 'create_credentials' ? this.#create(run) : this.#delete(run)

  async #create({ env, report }: ContainerRun): Promise<number> {
    const id = `cred-${env['SM_SECRET_TASK_ID'] ?? ''}`
    const password = `secret-${id}`
    this.#alive.set(id, password)
    this.made.push(id)
    const answer = await repeated(() =>
      report({ status: 'credentials_created', credentials: { id, payload: { password } } }),
    )
    if (answer === 200) return 0
    if (answer === 400 || answer === 404) this.#alive.delete(id)
    return 1
  }

  async #delete({ env, report }: ContainerRun): Promise<number> {
    this.#alive.delete(env['SM_CREDENTIALS_ID'] ?? `cred-${env['SM_ORIGIN_TASK_ID'] ?? ''}`)
    return (await repeated(() => report({ status: 'credentials_deleted' }))) === 200 ? 0 : 1
  }
}

/** Repeats a report until it has a definite answer: a bounded number of times. */
async function repeated(report: () => Promise<{ code: number }>): Promise<number> {
  for (let attempt = 0; attempt < 40; attempt++) {
    try {
      const { code } = await report()
      if (code < 500) return code
    } catch {
      // No answer: the report may have been taken, so it is sent again.
    }
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return 0
}
