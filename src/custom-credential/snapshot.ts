import type {
  ClusterCredentialsProvider,
  CredentialsProvider,
  CustomCredential,
  OrphanedCredential,
  SecretTask,
} from '../api/generated.ts'
import type { Namespace } from '../api/resources.ts'

/** What a Job tells about its run without its task: the labels and the copy of the task's spec that it bears. */
export interface RunFacts {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly taskUid: string
  readonly spec: SecretTask['spec']
  /** No pod of it can run any more. */
  readonly ended: boolean
  /** It ended, and not well: the container exited non-zero, or was stopped. */
  readonly failed: boolean
  /** The Job controller started more than one pod, which it may: the end of one says nothing of the other. */
  readonly startedTwice?: boolean
  /** The Job still bears our finalizer: what it did is perhaps not yet recorded. */
  readonly held: boolean
}

/** A Secret in custody, known by its metadata. */
export interface CustodyFacts {
  readonly name: string
  readonly custody: 'version' | 'refused-report' | 'revocation-kit'
  readonly taskId: string | undefined
  readonly credentialsId: string | undefined
  /** The task whose run reported it. */
  readonly origin: SecretTask['spec'] | undefined
  /** A kit whose provider can find what an unknown run made. */
  readonly find?: boolean
}

/** The target Secret, known by its metadata. */
export interface TargetFacts {
  readonly uid: string
  /** It bears this credential's UID. */
  readonly ours: boolean
  readonly version: number | undefined
}

/** What the last attempt to act ran into, kept in memory until an attempt succeeds. */
export interface Trouble {
  readonly delivery?: {
    readonly reason: 'TargetConflict' | 'DeliveryFailed'
    readonly message: string
    /** Milliseconds since the epoch. */
    readonly retryAt: number
  }
  /** Nothing can be created in the credential's namespace: it is being deleted. */
  readonly namespaceTerminating?: boolean
  /** Task IDs under which somebody else's object was found. */
  readonly takenTaskIds?: readonly string[]
}

export type Provider = CredentialsProvider | ClusterCredentialsProvider

/** Everything that a decision about one credential is made from. */
export interface Snapshot {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly credential: CustomCredential
  readonly namespace: Namespace | undefined
  readonly provider: Provider | undefined
  readonly tasks: readonly SecretTask[]
  readonly runs: readonly RunFacts[]
  readonly custody: readonly CustodyFacts[]
  readonly orphans: readonly OrphanedCredential[]
  readonly target: TargetFacts | undefined
  readonly trouble: Trouble
}
