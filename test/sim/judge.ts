// A thread of `judgeAll`: it is sent plans, and answers with the rule that each of them breaks, if any.
import { parentPort } from 'node:worker_threads'
import type { Plan } from './plan.ts'
import type { Violation } from './jury.ts'
import { run } from './run.ts'

parentPort?.on('message', (plans: readonly Plan[]) => {
  void judge(plans).then((violations) => parentPort?.postMessage(violations))
})

async function judge(plans: readonly Plan[]): Promise<(Violation | undefined)[]> {
  const violations: (Violation | undefined)[] = []
  for (const plan of plans) violations.push((await run(plan)).violation)
  return violations
}
