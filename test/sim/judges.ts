import { availableParallelism } from 'node:os'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Plan } from './plan.ts'
import type { Violation } from './jury.ts'

/** Plans that a judge is handed at a time. */
const BATCH = 20

export interface Judgement {
  readonly plan: Plan
  readonly violation?: Violation | undefined
}

/**
 * Runs plans on every core of the machine, in about the order in which they come, and hands over each judgement as it is
 * there. No plan is begun after `isOver` has said so.
 */
export async function judgeAll(
  plans: Iterable<Plan>,
  onJudgement: (judgement: Judgement) => void,
  { isOver, judges = availableParallelism() }: { readonly isOver: () => boolean; readonly judges?: number },
): Promise<void> {
  const queue = plans[Symbol.iterator]()
  await Promise.all(Array.from({ length: judges }, () => judge(queue, onJudgement, isOver)))
}

async function judge(
  queue: Iterator<Plan>,
  onJudgement: (judgement: Judgement) => void,
  isOver: () => boolean,
): Promise<void> {
  const worker = new Worker(new URL('judge.ts', import.meta.url))
  const failure = once(worker, 'error').then(([error]) => {
    throw error
  })
  try {
    for (let batch = take(queue); batch.length > 0 && !isOver(); batch = take(queue)) {
      worker.postMessage(batch)
      const [violations] = (await Promise.race([once(worker, 'message'), failure])) as [(Violation | undefined)[]]
      for (const [at, plan] of batch.entries()) onJudgement({ plan, violation: violations[at] })
    }
  } finally {
    await worker.terminate()
  }
}

function take(queue: Iterator<Plan>): Plan[] {
  const batch: Plan[] = []
  for (let next = queue.next(); !next.done; next = queue.next()) {
    batch.push(next.value)
    if (batch.length === BATCH) break
  }
  return batch
}
