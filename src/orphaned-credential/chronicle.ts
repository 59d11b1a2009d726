import type { OrphanedCredential } from '../api/generated.ts'
import { cut } from '../api/text.ts'
import type { Caches } from '../caches.ts'
import type { EventRecord, EventRecorder } from '../kube/events.ts'

/** Of an event, as the API server takes them. */
const NOTE_CHARACTERS = 1000

/**
 * Tells of each orphan that it was made, that a try has failed, and that a person must act; its end is told by the one who
 * brings it about. On the orphan, since the namespace of its credential may be gone. Told once, by the leader, of what it
 * sees happen: best effort.
 */
export function tellOfOrphans({ orphans }: Pick<Caches, 'orphans'>, events: Pick<EventRecorder, 'record'>): void {
  let isTold = false
  orphans.subscribe(({ type, object, previous }) => {
    if (!isTold || type === 'deleted') return
    if (type === 'added') events.record(eventOf(object, 'Orphaned', whatIsOwed(object)))
    const { attempts, lastError, state, message = '' } = object.status
    if (lastError !== undefined && attempts > (previous?.status.attempts ?? 0))
      events.record(
        eventOf(object, 'RevocationFailed', `Attempt ${attempts}: ${lastError.code}: ${lastError.description}`),
      )
    if (state === 'Blocked' && message !== previous?.status.message) events.record(eventOf(object, 'Blocked', message))
  })
  // What is there already was told by the leader before.
  isTold = true
}

function whatIsOwed({ spec }: OrphanedCredential): string {
  const { credential, credentialsId, originTaskId, version, reason } = spec
  const what = credentialsId ?? `what ${originTaskId} may have made`
  return `Version ${version} of ${credential.namespace}/${credential.name} (${what}) is left to this object: ${reason}.`
}

const eventOf = ({ metadata }: OrphanedCredential, reason: string, note: string): EventRecord => ({
  regarding: {
    apiVersion: 'customcredentials.dev/v1alpha1',
    kind: 'OrphanedCredential',
    name: metadata.name,
    uid: metadata.uid,
  },
  type: 'Warning',
  reason,
  action: 'Revoke',
  note: cut(note, NOTE_CHARACTERS),
})
