import type { SecretTaskSpec } from '../../api/generated.ts'
import { doomed, momentToCome, owedForCondemned } from '../revocation/condemned.ts'
import type { Plain } from './conditions.ts'
import { exposed } from '../revocation/exposed.ts'
import type { Ledger } from '../ledger.ts'
import { inUse } from '../revocation/retire.ts'
import type { Snapshot } from '../snapshot.ts'
import { isOpen } from '../steps.ts'

/** What holds up the credential's task of this type: no turn, no node, no image. */
export const waitOf = ({ tasks }: Snapshot, type: SecretTaskSpec['type']): string | undefined =>
  tasks.find((task) => isOpen(task) && task.spec.type === type)?.status.message

/** What is left of what people no longer trust, and what is going to become of it. */
export function revoking(s: Snapshot, ledger: Ledger): Plain[] {
  const left = doomed(ledger, s)
  if (left.size === 0) return [...awaitedMoment(s, ledger), ...waiting(s)].slice(0, 1)
  const later = Math.max(...left.values())
  const message = [
    `Issued before revokeIssuedBefore, of this object or of its provider, and to be replaced and revoked: version ${[...left.keys()].join(', ')}.`,
    ...atOnce(s, ledger),
    ...overlap(s, ledger),
    ...(later > s.now
      ? [`The operator's clock was ahead when it made one: that is taken on at ${new Date(later).toISOString()}.`]
      : []),
    ...waiting(s).map((condition) => condition.message),
  ].join(' ')
  return [{ type: 'Revoking', status: 'True', reason: 'IssuedBefore', message }]
}

/** A revocation that goes its way is worth no write of its own. */
function waiting(s: Snapshot): Plain[] {
  const message = waitOf(s, 'delete_credentials')
  return message === undefined ? [] : [{ type: 'Revoking', status: 'True', reason: 'Waiting', message }]
}

/** People have asked for it knowingly, and others should know. */
function atOnce(s: Snapshot, ledger: Ledger): string[] {
  const gone = exposed(ledger, s).map(({ version }) => version)
  if (gone.length === 0) return []
  const isReplaced = inUse(ledger).some(({ deliveredAt }) => deliveredAt !== undefined)
  const who = isReplaced
    ? 'Whoever still uses it is locked out.'
    : 'Its consumers are locked out until another is there.'
  return [`At once, by revokeMode Immediate: version ${gone.join(', ')}. ${who}`]
}

function overlap(s: Snapshot, ledger: Ledger): string[] {
  const last = owedForCondemned(ledger, s)
    .flatMap(({ notBefore }) => notBefore ?? [])
    .toSorted()
    .at(-1)
  return last === undefined ? [] : [`Consumers have spec.rotation.minOverlap to follow, until ${last}.`]
}

/** Lest somebody who mistook a time zone believes that a leak is being answered. */
function awaitedMoment(s: Snapshot, ledger: Ledger): Plain[] {
  const moment = momentToCome(ledger, s)
  if (moment === Infinity) return []
  const message = `revokeIssuedBefore, of this object or of its provider, is still to come: nothing is replaced or revoked for it before ${new Date(moment).toISOString()}.`
  return [{ type: 'Revoking', status: 'False', reason: 'MomentToCome', message }]
}
