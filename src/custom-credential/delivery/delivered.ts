import type { RunFacts } from '../../secret-task/run-facts.ts'
import type { Snapshot } from '../snapshot.ts'

/**
 * The credentials ID that the run reported, where consumers have it already. It was delivered because its task had ended
 * well, though the record of that was removed before a status said so: to delete it would pull it from under them.
 */
export function deliveredBy(
  { name, spec }: RunFacts,
  { custody, target }: Pick<Snapshot, 'custody'> & { readonly target?: Snapshot['target'] },
): string | undefined {
  if (target?.version !== spec.version) return undefined
  return custody.find((secret) => secret.custody === 'version' && secret.taskId === name)?.credentialsId
}
