import type { RunFacts } from '../../secret-task/run-facts.ts'
import type { Snapshot } from '../snapshot.ts'

/** The Secrets that consumers may read: the target, and those that were it under another name. */
export type Shown = Partial<Pick<Snapshot, 'target' | 'formers'>>

/** Consumers may have read this version. For want of a status, only a Secret may tell, be it one that was renamed since. */
export const isShown = ({ target, formers = [] }: Shown, version: number): boolean =>
  target?.version === version || formers.some((former) => former.version === version)

/**
 * The credentials ID that the run reported, where consumers have it already. It was delivered because its task had ended
 * well, though the record of that was removed before a status said so: to delete it would pull it from under them.
 */
export function deliveredBy({ name, spec }: RunFacts, evidence: Pick<Snapshot, 'custody'> & Shown): string | undefined {
  if (!isShown(evidence, spec.version)) return undefined
  return evidence.custody.find((secret) => secret.custody === 'version' && secret.taskId === name)?.credentialsId
}
