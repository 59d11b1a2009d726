import type { CustomCredential, OrphanedCredential, SecretTask } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import type { Job, Pod } from '../../../src/api/resources.ts'
import type { CustodyFacts, TargetFacts, Trouble } from '../../../src/custom-credential/snapshot.ts'
import { hasEnded, isAlive } from '../../../src/secret-task/runs.ts'
import { aCredential, START } from '../builders.ts'

export interface WorldOptions {
  /** The provider can find what a run made. */
  readonly find: boolean
  /** Every run gives the same credentials ID: the provider renews in place. */
  readonly renews: boolean
}

/** What the operator's process remembers of a run. */
export interface Memory {
  readonly claimed: boolean
  readonly created: boolean
  /** Milliseconds since the epoch. */
  readonly since: number
}

/**
 * Everything that one credential's life touches, as plain values: API objects, custody, the upstream. What the operator,
 * the gateway and the provider do to it is in the files beside, and decided by the production code.
 */
export class World {
  readonly options: WorldOptions
  now = START
  credential: CustomCredential | undefined = aCredential().unseen().object
  terminating = false
  /** Somebody else's Secret is where the target should be. */
  blocked = false
  tasks: SecretTask[] = []
  jobs: Job[] = []
  pods: Pod[] = []
  custody: CustodyFacts[] = []
  orphans: OrphanedCredential[] = []
  target: TargetFacts | undefined
  /** What exists upstream: credentials IDs, and the runs that made them. */
  readonly alive = new Map<string, string>()
  /** What a container has made, by its pod's UID. */
  readonly made = new Map<string, string>()
  /** Every Job that ever had a pod, by its task's name. */
  readonly jobsRun = new Map<string, Set<string>>()
  /** Lost with the operator's process. */
  trouble: Trouble = {}
  memory = new Map<string, Memory>()
  /** Told of every credential that a task is about to delete upstream. */
  onDelete: (credentialsId: string) => void = () => undefined
  #uid = 0

  constructor(options: WorldOptions) {
    this.options = options
  }

  uid = (): string => `00000000-0000-4000-8000-${String(++this.#uid).padStart(12, '0')}`

  time = (): string => new Date(this.now).toISOString()

  /** The operator's process ends, and another one begins. */
  restart(): void {
    this.trouble = {}
    this.memory = new Map()
  }

  editMetadata(metadata: Partial<CustomCredential['metadata']>): void {
    if (this.credential === undefined) return
    this.credential = { ...this.credential, metadata: { ...this.credential.metadata, ...metadata } }
  }

  deleteCredential(): void {
    if (this.credential?.metadata.deletionTimestamp !== undefined) return
    this.editMetadata({ deletionTimestamp: this.time() })
    if (this.credential?.metadata.finalizers === undefined) this.credential = undefined
  }

  /** The namespace is being deleted: everything in it goes that no finalizer holds, and nothing can be made there. */
  terminate(): void {
    this.terminating = true
    this.deleteCredential()
    this.tasks = []
    for (const { metadata } of this.jobs) this.stopJob(metadata.uid)
  }

  removeTask(task: SecretTask): void {
    this.tasks = this.tasks.filter((other) => other !== task)
  }

  writeTask(task: SecretTask, status: SecretTask['status']): SecretTask {
    const written = { ...task, status }
    this.tasks = this.tasks.map((other) => (other.metadata.uid === task.metadata.uid ? written : other))
    return written
  }

  jobNamed = (name: string): Job | undefined => this.jobs.find(({ metadata }) => metadata.name === name)

  jobOf = (pod: Pod): Job | undefined =>
    this.jobs.find(({ metadata }) => metadata.uid === pod.metadata.ownerReferences?.[0]?.uid)

  podsOf = ({ metadata: { uid } }: Job): Pod[] =>
    this.pods.filter(({ metadata }) => metadata.ownerReferences?.[0]?.uid === uid)

  /** Foreground: the Job stays until its pods are gone and its finalizer is. */
  stopJob(uid: string): void {
    const annotations = { ...this.jobs.find(({ metadata }) => metadata.uid === uid)?.metadata.annotations }
    this.#editJob(uid, {
      deletionTimestamp: this.time(),
      annotations: { ...annotations, [annotation.stopped]: 'true' },
    })
  }

  releaseJob(uid: string): void {
    this.#editJob(uid, { finalizers: [] })
  }

  #editJob(uid: string, metadata: Partial<Job['metadata']>): void {
    this.jobs = this.jobs.map((job) =>
      job.metadata.uid === uid ? { ...job, metadata: { ...job.metadata, ...metadata } } : job,
    )
    this.#collect()
  }

  /** The Job controller makes a pod, or, as it may, a second one. */
  startPod(job: Job): void {
    const { name, uid, namespace = '', deletionTimestamp } = job.metadata
    if (job.spec?.suspend === true || deletionTimestamp !== undefined || hasEnded(job, this.podsOf(job))) return
    this.jobsRun.set(name, (this.jobsRun.get(name) ?? new Set()).add(uid))
    const metadata = {
      namespace,
      name: `${name}-${this.pods.length}`,
      uid: this.uid(),
      resourceVersion: '1',
      labels: { [label.task]: name },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true }],
    }
    this.pods.push({ metadata, status: { phase: 'Running' } })
  }

  /** The container exits; once all pods of a Job are terminal, the Job is. */
  endPod(pod: Pod, phase: 'Succeeded' | 'Failed'): void {
    if (!isAlive(pod)) return
    this.pods = this.pods.map((other) => (other === pod ? { ...pod, status: { phase } } : other))
    const job = this.jobOf(pod)
    if (job === undefined || this.podsOf(job).some(isAlive)) return
    const well = this.podsOf(job).some(({ status }) => status?.phase === 'Succeeded')
    const conditions = [{ type: well ? 'Complete' : 'Failed', status: 'True' }]
    this.jobs = this.jobs.map((other) => (other === job ? { ...job, status: { conditions } } : other))
    this.#collect()
  }

  #collect(): void {
    const isHeld = (job: Job) => (job.metadata.finalizers?.length ?? 0) > 0 || this.podsOf(job).some(isAlive)
    this.jobs = this.jobs.filter((job) => job.metadata.deletionTimestamp === undefined || isHeld(job))
  }
}
