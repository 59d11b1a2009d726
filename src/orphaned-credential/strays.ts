import { annotation, CustodyKind, label } from '../api/labels.ts'
import { type Key, keyOf } from '../api/meta.ts'
import { CustomCredentials, type Job } from '../api/resources.ts'
import type { Caches } from '../caches.ts'
import { owedFor } from '../custom-credential/obligations.ts'
import { custodyOf } from '../custom-credential/observe.ts'
import { isNotFound } from '../kube/errors.ts'
import type { KubeApi } from '../kube/port.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/controller.ts'
import { releaseJob } from '../secret-task/release.ts'
import { type RunFacts, runsOf } from '../secret-task/run-facts.ts'
import { hasEnded } from '../secret-task/runs.ts'
import { stopJob } from '../secret-task/stop.ts'
import type { StrandedRuns } from '../secret-task/stranded-runs.ts'
import { recordOrphan } from './record.ts'

interface Ports {
  readonly api: KubeApi
  readonly caches: Caches
  readonly clock: Clock
  readonly custodyNamespace: string
  readonly stranded: StrandedRuns
}

/** A stopped Job's pods get their grace period to go. */
const RECHECK_MS = 5000

/**
 * Looks after Jobs whose credential is gone: one that was on its way when task and credential went is nobody's else. It is
 * stopped, what it may have made becomes an OrphanedCredential, and only then is it let go.
 */
export function createReconciler(ports: Ports): (key: Key) => Promise<Outcome> {
  return async (key) => {
    const { caches, clock, stranded } = ports
    const job = caches.jobs.get(key)
    if (job === undefined || !isStray(caches, job)) return {}
    const pods = caches.pods.by('byTask', job.metadata.name)
    const now = clock.now()
    const [run] = runsOf([job], { caches, stranded, now })
    if (run === undefined || !run.held || !(await isAlone(ports, run))) return {}
    if (!run.ended) {
      // Over, but for a pod that was lost: there is nothing to stop, and nothing but time tells of its end.
      if (hasEnded(job, pods)) return { requeueAfterMs: Math.max(0, (run.endsBy ?? now) - now) }
      await stopJob(ports, job, pods)
      return { requeueAfterMs: RECHECK_MS }
    }
    // What an orphan's own run did is the orphan's to know: when it is gone, nothing is owed any more.
    if (job.metadata.labels?.[label.orphan] === undefined) await record(ports, run)
    await releaseJob(ports, job)
    return {}
  }
}

/** Neither a credential nor an orphan in the caches answers for the Job. */
function isStray({ credentials, orphans }: Caches, { metadata }: Job): boolean {
  const uid = metadata.labels?.[label.credentialUid] ?? ''
  const orphan = metadata.labels?.[label.orphan]
  return orphan === undefined ? credentials.by('byUid', uid).length === 0 : orphans.get({ name: orphan }) === undefined
}

/** The caches may be behind: the API server has the last word. */
async function isAlone({ api }: Ports, { spec }: RunFacts): Promise<boolean> {
  try {
    return (await api.get(CustomCredentials, spec.credential)).metadata.uid !== spec.credential.uid
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}

/** The credentials ID that lies in custody for the run. */
function reportedBy({ caches, custodyNamespace }: Ports, name: string): string | undefined {
  const { labels, annotations } = caches.secrets.get({ namespace: custodyNamespace, name })?.metadata ?? {}
  return labels?.[label.custody] === CustodyKind.version ? annotations?.[annotation.credentialsId] : undefined
}

async function record(ports: Ports, { name, spec, startedTwice }: RunFacts): Promise<void> {
  const { caches, clock, custodyNamespace } = ports
  const kit = caches.secrets.get({ namespace: custodyNamespace, name: spec.kit })
  const find = kit !== undefined && custodyOf(kit).find === true
  const credentialsId = spec.type === 'delete_credentials' ? spec.credentialsId : reportedBy(ports, name)
  const since = new Date(clock.now()).toISOString()
  const unknown = { ...owedFor(spec.originTaskId ?? name, spec, { reason: 'OutcomeUnknown', since }), find }
  const isKnown = credentialsId !== undefined
  if (isKnown) await recordOrphan(ports, spec.credential, { ...unknown, credentialsId })
  // What one of two pods has reported says nothing of the other.
  const mayHaveMadeMore = spec.type === 'create_credentials' && startedTwice === true
  if (!isKnown || mayHaveMadeMore) await recordOrphan(ports, spec.credential, unknown)
}

/**
 * A Job is looked at when it changes, and all of a credential are when it has gone, or an orphan of it: the report of a run
 * may be acted on before its Job is seen, let alone seen to end.
 */
export function watchStrays(caches: Caches, enqueue: (key: Key) => void): void {
  const queueAll = (uid: string) => {
    for (const job of caches.jobs.by('byCredential', uid)) enqueue(keyOf(job))
  }
  caches.jobs.subscribe(({ object }) => {
    enqueue(keyOf(object))
  })
  caches.credentials.subscribe(({ type, object }) => {
    if (type === 'deleted') queueAll(object.metadata.uid)
  })
  caches.orphans.subscribe(({ type, object }) => {
    if (type === 'deleted') queueAll(object.spec.credential.uid)
  })
}
