import type { Mutant } from './mutant.ts'

/** Bugs in the machinery below the engine: caches, watches, the lease, the queue. */
export const machinery: readonly Mutant[] = [
  {
    name: 'own-writes-forgotten',
    says: 'A cache learns of our own writes by the watch alone.',
    pattern: 'stale read',
    file: 'src/kube/store.ts',
    find: 'if (!this.#hasPassed(object.metadata.resourceVersion)) this.#put(object)',
    replace: 'if (object.metadata.resourceVersion === undefined) this.#put(object)',
  },
  {
    name: 'deletions-not-seen',
    says: 'A cache keeps what has been deleted.',
    pattern: 'missed event',
    file: 'src/kube/store.ts',
    find: 'if (held && !newer(held, event.object)) this.#delete(key, held, { unwatched: false })',
    replace: 'if (held && newer(held, event.object)) this.#delete(key, held, { unwatched: false })',
  },
  {
    name: 'silence-is-quiet',
    says: 'A watch that has fallen silent is taken for one of a kind that never changes.',
    pattern: 'missed event',
    file: 'src/kube/reflector.ts',
    find: 'for await (const event of untilStalled(source, { clock, silenceMs, totalMs, abandon: watch.abort }))',
    replace:
      'for await (const event of totalMs > silenceMs ? source : untilStalled(source, { clock, silenceMs, totalMs, abandon: watch.abort }))',
  },
  {
    name: 'jobs-not-watched',
    says: 'A credential is not looked at again when a Job of it has changed.',
    pattern: 'missed event',
    file: 'src/custom-credential/controller.ts',
    find: 'caches.jobs.subscribe(({ object }) => {\n    queueOwner(object)\n  })',
    replace: 'caches.jobs.subscribe(() => {})',
  },
  {
    name: 'wake-up-forgotten',
    says: 'What is to be done later is done only if something happens by then.',
    pattern: 'missed event',
    file: 'src/custom-credential/controller.ts',
    find: 'return decision.wakeAt === Infinity ? {} : { requeueAfterMs: Math.max(0, decision.wakeAt - now) }',
    replace: 'return {}',
  },
  {
    name: 'lease-waited-for-too-long',
    says: 'The lease of a dead leader is taken over when it has stood for five minutes.',
    pattern: 'stuck',
    file: 'src/kube/lease.ts',
    find: 'unchangedMs > Math.max(durationMs, this.#leaseMs)',
    replace: 'unchangedMs > 20 * Math.max(durationMs, this.#leaseMs)',
  },
  {
    name: 'failure-not-retried',
    says: 'A reconcile that has failed is not tried again.',
    pattern: 'stuck',
    file: 'src/runtime/controller.ts',
    find: 'this.#queue.retry(key, error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0)\n',
    replace: '',
  },
  {
    name: 'not-found-is-failure',
    says: 'A lease that is not there yet cannot be taken.',
    pattern: 'stuck',
    file: 'src/kube/lease-record.ts',
    find: 'if (!isNotFound(error)) throw error\n      this.#seen = undefined',
    replace: 'throw error',
  },
  {
    name: 'deposed-leader-writes',
    says: 'A process that has lost its lease finishes what it had begun.',
    pattern: 'lost update',
    file: 'src/operator.ts',
    find: 'fencedApi(api, () => elector.leading())',
    replace: 'fencedApi(api, () => true)',
  },
]
