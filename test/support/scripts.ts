import type { Container, ContainerRun } from './kubelet.ts'
import { type Ledgered, repeated } from './upstream.ts'

/** What a container does in place of `honest`, for runs of one kind; it is honest in all others. */

/** Makes its credential and then reports nothing until `go` is resolved; deletions are honest. */
export function hesitant(upstream: Ledgered, go: Promise<unknown> = new Promise(() => undefined)): Container {
  return async (run) => {
    if (run.env['SM_ACTION'] !== 'create_credentials') return upstream.honest(run)
    const report = upstream.make(run)
    await Promise.race([
      go,
      new Promise((_, reject) => {
        run.killed.addEventListener('abort', reject)
      }),
    ])
    return (await repeated(run, report)) === 200 ? 0 : 1
  }
}

/** Deletes nothing and reports nothing until it is killed; creations are honest. */
export function stuck(upstream: Ledgered): Container {
  return async (run) => {
    if (!deletes(run.env)) return upstream.honest(run)
    return new Promise((resolve) => {
      run.killed.addEventListener('abort', () => {
        resolve(137)
      })
    })
  }
}

/** Does nothing and says so, where it is to do what `isRefused` tells. */
export function refusing(upstream: Ledgered, isRefused: (env: ContainerRun['env']) => boolean): Container {
  return async (run) => {
    if (!isRefused(run.env)) return upstream.honest(run)
    await repeated(run, { status: 'failed', errors: [{ code: 'Locked', description: 'The upstream is locked.' }] })
    return 1
  }
}

export const creates = (env: ContainerRun['env']): boolean => env['SM_ACTION'] === 'create_credentials'

export const deletes = (env: ContainerRun['env']): boolean => env['SM_ACTION'] === 'delete_credentials'
