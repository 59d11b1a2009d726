import type { CustomCredential, OrphanedCredential, RestartTarget, SecretTask } from '../api/generated.ts'
import type { CustodyKind } from '../api/labels.ts'
import type { ObjectMeta } from '../api/meta.ts'
import type { Namespace } from '../api/resources.ts'
import type { Provider } from '../credentials-provider/resolve.ts'
import type { RunFacts } from '../secret-task/run-facts.ts'

/** A Secret in custody, known by its metadata. */
export interface CustodyFacts {
  readonly name: string
  readonly custody: CustodyKind
  readonly taskId: string | undefined
  readonly credentialsId: string | undefined
  /** It was not reported: `spec.adopt` has named it. */
  readonly adopted?: boolean
  /** The task whose run reported it. */
  readonly origin: SecretTask['spec'] | undefined
  /** A kit whose provider can find what an unknown run made. */
  readonly find?: boolean
  /** Of a kit, the Secrets that its run may read; of a copy, the one that it is of. */
  readonly inputSecrets?: readonly string[]
  /** Of a copy: the version of the Secret that it is of. */
  readonly copied?: string | undefined
  /** The keys of its data. */
  readonly keys?: readonly string[] | undefined
}

/** A Secret that is there and that runs of the credential may read. */
export interface InputFacts {
  readonly name: string
  /** Another with each change, and each time that it is made anew. */
  readonly version: string
}

/** The target Secret, known by its metadata: one that bears this credential's UID. */
export interface TargetFacts {
  readonly uid: string
  readonly version: number | undefined
  /** What the version was made to look like. */
  readonly rendition: string | undefined
  /** The keys that nobody but the operator has written last; undefined where that is not known. */
  readonly own?: readonly string[] | undefined
  readonly resourceVersion?: string
  /** Labels and annotations; undefined where they are not known. */
  readonly marks?: Pick<ObjectMeta, 'labels' | 'annotations'>
}

/** A Secret that bears this credential's UID under another name than the target's. */
export interface FormerFacts extends TargetFacts {
  readonly name: string
  /** Nobody but the operator has written its keys: it is no copy that somebody has made. */
  readonly isMade: boolean
}

/** Why a restart target does not follow. */
export interface RestartTrouble extends RestartTarget {
  readonly reason: 'RestartTargetNotFound' | 'RestartForbidden' | 'RestartRefused'
  readonly message: string
  readonly tries: number
  /** Milliseconds since the epoch. */
  readonly retryAt: number
}

/** Why a former target Secret cannot be removed. */
export interface RemovalTrouble {
  readonly uid: string
  readonly message: string
  readonly tries: number
  /** Milliseconds since the epoch. */
  readonly retryAt: number
}

/** What a look at a restart target has told. */
export interface RolloutSeen extends RestartTarget {
  /** The version that its pods were to be replaced for. */
  readonly version: number
  readonly isComplete: boolean
  readonly tries: number
  /** Milliseconds since the epoch. */
  readonly retryAt: number
}

/** What the last attempt to act ran into, kept in memory until an attempt succeeds. */
export interface Trouble {
  readonly delivery?: {
    readonly reason: 'TargetConflict' | 'TargetMissing' | 'DeliveryFailed'
    readonly message: string
    /** The task whose payload an exact read has not found in custody. */
    readonly lost?: string
    /** Of the spec that it was tried for. */
    readonly generation?: number | undefined
    /** How often it was tried without success. */
    readonly tries: number
    /** Milliseconds since the epoch. */
    readonly retryAt: number
  }
  /** Why what `spec.adopt` names is not the first version yet. */
  readonly adoption?: {
    readonly message: string
    readonly generation: number | undefined
    readonly tries: number
    readonly retryAt: number
  }
  /** The target Secret can not stay as the record of a version that is to stay valid. */
  readonly isUnkept?: boolean
  readonly restarts?: readonly RestartTrouble[]
  /** How far the rollouts are that may end an overlap. */
  readonly rollouts?: readonly RolloutSeen[]
  readonly removals?: readonly RemovalTrouble[]
  /** The resourceVersion of a target Secret in which a repair has found nothing to change. */
  readonly intact?: string
  /** How often the target Secret was written again of late because somebody had edited it, and until when it is not. */
  readonly repairs?: { readonly tries: number; readonly retryAt: number }
  /** Why the API server has refused what begins a task: its record, its kit, or our finalizer. */
  readonly refusal?: string
  /** Revocation kits that an exact read has not found in custody. */
  readonly missingKits?: readonly string[]
  /** Nothing can be created in the credential's namespace: it is being deleted. */
  readonly namespaceTerminating?: boolean
  /** Task IDs under which somebody else's object was found. */
  readonly takenTaskIds?: readonly string[]
}

/** Everything that a decision about one credential is made from. */
export interface Snapshot {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly credential: CustomCredential
  readonly namespace: Namespace | undefined
  readonly provider: Provider | undefined
  /** Those that made its versions, as far as they are others and still there. */
  readonly makers: readonly Provider[]
  readonly tasks: readonly SecretTask[]
  readonly runs: readonly RunFacts[]
  readonly custody: readonly CustodyFacts[]
  readonly orphans: readonly OrphanedCredential[]
  readonly target: TargetFacts | undefined
  readonly formers: readonly FormerFacts[]
  readonly inputs: readonly InputFacts[]
  readonly trouble: Trouble
}
