import { annotation, CustodyKind, label } from '../../../src/api/labels.ts'
import { Jobs, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import { changeOf, isOperator, untilRobbed, versionsInUse, wanted } from './reading.ts'

/** Kinds whose names are derived from what they stand for, so that one that is made twice does one thing twice. */
const DERIVED = new Set([SecretTasks, Jobs].map(({ plural }) => plural))

/**
 * What a person or the cluster has removed may be made again. What a dead process has sent may arrive after all: only what
 * the leader does counts.
 */
function neverTwice(): Checker {
  const removed = new Map<string, string>()
  return {
    on(fact, { leader }) {
      if (fact.kind !== 'object' || !DERIVED.has(fact.resource.plural) || fact.type === 'changed') return undefined
      const { namespace = '', name } = fact.object.metadata
      const id = `${fact.resource.plural} ${namespace}/${name}`
      const by = removed.get(id)
      if (fact.type === 'deleted') removed.set(id, fact.by)
      else removed.delete(id)
      const isRemade = fact.type === 'added' && fact.by === leader && by === leader
      return isRemade ? `${by} has made ${id} again after it had removed it` : undefined
    },
  }
}

const payloadStays = (): Checker => ({
  on(fact, state) {
    const secret = changeOf(fact, Secrets)
    if (secret?.type !== 'deleted') return undefined
    const { labels, annotations, name } = secret.object.metadata
    if (labels?.[label.custody] !== CustodyKind.version) return undefined
    const isByHand = !isOperator(secret.by) && !secret.by.endsWith('controller') && !secret.by.endsWith('collector')
    if (isByHand) return undefined
    const taskId = labels[label.task]
    const credentialsId = annotations?.[annotation.credentialsId]
    const user = wanted(state).find((credential) =>
      versionsInUse(credential).some((one) => one.taskId === taskId && one.credentialsId === credentialsId),
    )
    return user && `the payload ${name} was removed from custody while ${user.metadata.name} has it in use`
  },
})

export const keeping: readonly Invariant[] = [
  {
    id: 'S30',
    says: 'The leader makes no task and no Job again that it has removed.',
    begin: neverTwice,
  },
  {
    id: 'S35',
    says: 'Whatever is deleted elsewhere, the payload of a version in use stays in custody.',
    begin: untilRobbed(payloadStays),
  },
]
