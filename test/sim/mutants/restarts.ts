import type { Mutant } from './mutant.ts'

/** Bugs in the rollout of the workloads that read the target Secret. */
export const restarts: readonly Mutant[] = [
  {
    name: 'restart-before-delivery',
    says: 'Workloads are rolled out for a version, and then it is delivered.',
    pattern: 'order of writes',
    file: 'src/custom-credential/keep.ts',
    find: '    ...spentPayloads(s, delivery.ledger),\n    ...delivery.actions,',
    replace:
      '    ...spentPayloads(s, delivery.ledger),\n' +
      "    ...restarts.due.map((restart) => ({ kind: 'restart', restart }) as const),\n" +
      '    ...delivery.actions,',
  },
  {
    name: 'restart-noted-though-refused',
    says: 'The status says that a workload was rolled out, whatever came of it.',
    pattern: 'forgotten',
    file: 'src/custom-credential/effects/restart-target.ts',
    find: "return withRestart(s, wanted, failureOf(error, wanted, s.credential.metadata.namespace ?? ''))",
    replace: 'return undefined',
  },
  {
    name: 'restart-only-with-delivery',
    says: 'A workload that does not follow right after the delivery is not looked at any more.',
    pattern: 'missed event',
    file: 'src/custom-credential/delivery/restart.ts',
    find: '(isDelivered || s.target?.version === current)',
    replace: 'isDelivered',
  },
  {
    name: 'restart-stamped-anew',
    says: 'A pod template is stamped with what was read of it, so that a rollout after a crash is another one.',
    pattern: 'repetition',
    file: 'src/custom-credential/effects/restart-target.ts',
    find:
      '  if (annotations[restartedBy(name)] === uid && Number(annotations[restartedFor(name)]) >= version) return undefined\n' +
      '  const value = { ...annotations, [restartedFor(name)]: String(version), [restartedBy(name)]: uid }',
    replace:
      "  const stamp = { 'example.com/restarted-at': metadata.resourceVersion }\n" +
      '  const value = { ...annotations, [restartedFor(name)]: String(version), [restartedBy(name)]: uid, ...stamp }',
  },
  {
    name: 'restart-for-the-first-version',
    says: 'Workloads are rolled out for the first version, too, which they have been waiting for.',
    pattern: 'repetition',
    file: 'src/custom-credential/delivery/restart.ts',
    find: 'const beginning = status.currentVersion ?? current',
    replace: 'const beginning = status.currentVersion ?? (current === undefined ? current : 0)',
  },
  {
    name: 'overlap-ends-before-rollouts',
    says: 'A workload has followed as soon as its template is stamped.',
    pattern: 'impatience',
    file: 'src/custom-credential/effects/rollout-status.ts',
    find: 'return isStamped && isRolledOut(kind, workload)',
    replace: 'return isStamped',
  },
  {
    name: 'overlap-ends-beside-old-pods',
    says: 'A workload has followed when its new pods are there, though old ones run beside them.',
    pattern: 'impatience',
    file: 'src/custom-credential/effects/rollout-status.ts',
    find: 'updatedReplicas === wanted && replicas === wanted && terminatingReplicas === 0',
    replace: 'updatedReplicas === wanted',
  },
  {
    name: 'overlap-ends-with-the-first-rollout',
    says: 'All workloads have followed when one of them has.',
    pattern: 'impatience',
    file: 'src/custom-credential/delivery/rollouts.ts',
    find: '!targets.every(({ isComplete }) => isComplete)',
    replace: '!targets.some(({ isComplete }) => isComplete)',
  },
  {
    name: 'overlap-ends-by-an-earlier-rollout',
    says: 'A workload that has followed one version has followed the next.',
    pattern: 'stale read',
    file: 'src/custom-credential/delivery/rollouts.ts',
    find: 'return seen?.version === version ? seen : { ...target, ...begun }',
    replace: 'return seen ? { ...seen, version } : { ...target, ...begun }',
  },
  {
    name: 'look-taken-for-success',
    says: 'Each look at a workload begins the waits after failures anew.',
    pattern: 'impatience',
    file: 'src/custom-credential/effects/act.ts',
    find: "new Set(['restart', 'lookAtRollout', 'removeFormer'])",
    replace: "new Set(['restart', 'removeFormer'])",
  },
  {
    name: 'rollout-judged-by-the-past',
    says: 'A rollout is taken for done by a status that is about the one before.',
    pattern: 'stale read',
    file: 'src/custom-credential/effects/rollout-status.ts',
    find: '  if (!(Number(status.observedGeneration) >= (metadata.generation ?? Infinity))) return false\n',
    replace: '',
  },
]
