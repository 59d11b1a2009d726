import type { Container, ContainerRun } from './kubelet.ts'

/** A credential that exists upstream. */
interface Made {
  readonly id: string
  /** Namespace of the CustomCredential that it was made for. */
  readonly namespace: string
}

/**
 * An upstream system that remembers what was ever made in it, and a provider for it that keeps the contract: names derive
 * from the task ID, what is not there is deleted, and a lost answer is never a reason to undo.
 */
export class Ledgered {
  readonly #alive = new Map<string, Made>()
  readonly #scripts = new Map<string, Container>()
  /** IDs of all credentials that were ever made, in order. */
  readonly made: string[] = []

  /** IDs of the credentials that exist, all or those made for a namespace. */
  alive(namespace?: string): string[] {
    const all = [...this.#alive.values()]
    return all.filter((made) => namespace === undefined || made.namespace === namespace).map(({ id }) => id)
  }

  /** What containers that work for this namespace do from now on, in place of `honest`. */
  play(namespace: string, script: Container | 'honest'): void {
    if (script === 'honest') this.#scripts.delete(namespace)
    else this.#scripts.set(namespace, script)
  }

  /** The provider of all namespaces. */
  readonly container: Container = (run) => (this.#scripts.get(run.env['SM_SECRET_GROUP_ID'] ?? '') ?? this.honest)(run)

  readonly honest: Container = (run) =>
    run.env['SM_ACTION'] === 'create_credentials' ? this.#create(run) : this.#delete(run)

  /** Makes the credential of a run, and returns the report that a provider owes for it. */
  make({ env }: Pick<ContainerRun, 'env'>, id = idOf(env['SM_SECRET_TASK_ID'])): CreatedReport {
    this.#alive.set(id, { id, namespace: env['SM_SECRET_GROUP_ID'] ?? '' })
    this.made.push(id)
    return { status: 'credentials_created', credentials: { id, payload: { password: passwordOf(id) } } }
  }

  undo(id: string): void {
    this.#alive.delete(id)
  }

  async #create(run: ContainerRun): Promise<number> {
    const created = this.make(run)
    const answer = await repeated(run, created)
    if (answer === 200) return 0
    if (answer === 400 || answer === 404) this.undo(created.credentials.id)
    return 1
  }

  async #delete(run: ContainerRun): Promise<number> {
    this.undo(run.env['SM_CREDENTIALS_ID'] ?? idOf(run.env['SM_ORIGIN_TASK_ID']))
    return (await repeated(run, { status: 'credentials_deleted' })) === 200 ? 0 : 1
  }
}

interface CreatedReport {
  readonly status: 'credentials_created'
  readonly credentials: { readonly id: string; readonly payload: { readonly password: string } }
}

/** The ID of what a create run makes. */
export const idOf = (taskId = ''): string => `cred-${taskId}`

export const passwordOf = (id: string): string => `secret-${id}`

/** Repeats a report until it has a definite answer: a bounded number of times, or until the container is killed. */
export async function repeated({ report, killed }: ContainerRun, body: unknown): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      const { code } = await report(body)
      if (code < 500) return code
    } catch {
      // No answer: the report may have been taken, so it is sent again.
    }
    killed.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  return 0
}
