import { annotation } from '../../api/labels.ts'
import { SecretMetadata } from '../../api/resources.ts'
import { isNotFound, isRefusal } from '../../kube/errors.ts'
import type { Action } from '../actions.ts'
import { isMerged, isOurs } from '../delivery/ownership.ts'
import { targetName } from '../delivery/target.ts'
import { deliveryBackoff, TRIED_AGAIN } from '../schedule.ts'
import type { Snapshot, Trouble } from '../snapshot.ts'
import { lookAt } from './look-at.ts'
import type { Ports } from './ports.ts'
import { withdraw } from './withdraw.ts'

type Removal = Extract<Action, { kind: 'removeFormer' }>

/**
 * Removes a Secret that was the target under another name, or our keys where it is people's own: that very object, as it is now, and only while it bears our label.
 * What somebody has put in its place, or taken over, is theirs. Returns what is known of troubles from now on, where that
 * changes: a refusal holds up nothing else, as long as the credential stays.
 */
export async function removeFormer(ports: Ports, s: Snapshot, removal: Removal): Promise<Trouble | undefined> {
  const { former, once } = removal
  if (once !== undefined) await assertShown(ports, s, once)
  try {
    await remove(ports, s, removal)
    const isKnown = s.trouble.removals?.some(({ uid }) => uid === former.uid) ?? false
    return isKnown ? withRemoval(s, former, undefined) : undefined
  } catch (error) {
    if (once === undefined || !isRefusal(error)) throw error
    const fix = `Remove what refuses it, or, where nobody else has keys in it, delete that Secret. ${TRIED_AGAIN}`
    return withRemoval(
      s,
      former,
      `Secret "${former.name}", a former target, cannot be removed: ${error.message}. ${fix}`,
    )
  }
}

/** By the API server's own word: consumers must have it elsewhere before it goes here. */
async function assertShown({ api }: Ports, s: Snapshot, version: number): Promise<void> {
  const name = targetName(s)
  const target = await lookAt(api, { namespace: namespaceOf(s), name })
  const isShown = target?.metadata.annotations?.[annotation.version] === String(version)
  if (target === undefined || !isShown || !isOurs(target, s.credential))
    throw new Error(`Secret "${name}" does not show version ${version} any more`)
}

async function remove(ports: Ports, s: Snapshot, { former, once }: Removal): Promise<void> {
  const { api, caches } = ports
  const key = { namespace: namespaceOf(s), name: former.name }
  const there = await lookAt(api, key)
  if (there?.metadata.uid === former.uid) {
    if (!isOurs(there, s.credential)) return
    if (isMerged(there)) return withdraw(ports, there, { isOver: once === undefined })
    const { uid, resourceVersion } = there.metadata
    try {
      await api.remove(SecretMetadata, key, { uid, resourceVersion })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  // Not left to the watch: it would come to light once more.
  const known = caches.secrets.get(key)
  if (known?.metadata.uid === former.uid) caches.secrets.forget(known)
}

const namespaceOf = ({ credential }: Snapshot): string => credential.metadata.namespace ?? ''

/** What is known of this removal replaced, and what the status names no more forgotten. */
function withRemoval(s: Snapshot, { uid }: Removal['former'], message: string | undefined): Trouble {
  const { removals = [], ...others } = s.trouble
  const { formerTargets = [] } = s.credential.status
  const kept = removals.filter((one) => one.uid !== uid && formerTargets.some((former) => former.uid === one.uid))
  const tries = (removals.find((one) => one.uid === uid)?.tries ?? 0) + 1
  const failure = message === undefined ? [] : [{ uid, message, tries, retryAt: s.now + deliveryBackoff(tries) }]
  const now = [...kept, ...failure]
  return { ...others, ...(now.length > 0 && { removals: now }) }
}
