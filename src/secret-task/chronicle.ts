import type { SecretTask } from '../api/generated.ts'
import type { Caches } from '../caches.ts'
import type { EventRecord, EventRecorder } from '../kube/events.ts'
import { isTerminal } from './end.ts'

/**
 * Tells of each task that it was made, how it ended, and that its record went, under the names that IBM Secrets Manager
 * gives these events (docs, `event-notifications`). Told once, by the leader, of what it sees happen: best effort.
 */
export function tellOfTasks({ tasks }: Pick<Caches, 'tasks'>, events: Pick<EventRecorder, 'record'>): void {
  let isTold = false
  tasks.subscribe(({ type, object, previous }) => {
    if (!isTold) return
    if (type === 'added') events.record(eventOf(object, 'secret_task_created'))
    if (type === 'deleted') events.record(eventOf(object, 'secret_task_deleted'))
    if (type !== 'deleted' && isTerminal(object) && (previous === undefined || !isTerminal(previous)))
      events.record(eventOf(object, object.status.state === 'failed' ? 'secret_task_failed' : 'secret_task_succeeded'))
  })
  // What is there already was told by the leader before.
  isTold = true
}

type Name = `secret_task_${'created' | 'succeeded' | 'failed' | 'deleted'}`

function eventOf({ metadata, spec, status }: SecretTask, reason: Name): EventRecord {
  const { namespace = '', name, uid } = metadata
  const [error] = status.errors ?? []
  const why = reason === 'secret_task_failed' && error ? `: ${error.code}: ${error.description}` : ''
  return {
    regarding: { apiVersion: 'customcredentials.dev/v1alpha1', kind: 'SecretTask', namespace, name, uid },
    // IBM's severity high is the Kubernetes type Warning.
    type: reason === 'secret_task_failed' ? 'Warning' : 'Normal',
    reason,
    action: spec.type,
    note: `${spec.type} (${spec.trigger}) of ${spec.credential.name}, version ${spec.version}: ${status.state}${why}`,
  }
}
