import type {
  CredentialVersion,
  CustomCredentialStatus,
  FormerTarget,
  Restart,
  SecretTaskSpec,
  UnresolvedCredential,
} from '../api/generated.ts'
import type { Run } from '../credentials-provider/resolve.ts'
import type { RunFacts } from '../secret-task/run-facts.ts'

/** A task to be made. Without `run` (its origin's record is gone) the run is read from the revocation kit `spec.kit`. */
export interface TaskOrder {
  readonly id: string
  readonly spec: Omit<SecretTaskSpec, keyof Run> & { readonly provider: Run['provider'] }
  readonly run: Run | undefined
  /** The rotate-now request that this task answers. */
  readonly rotateRequest?: string
}

/** One effect. Each is idempotent: by a derived name, a precondition, or because repeating it changes nothing. */
export type Action =
  | { readonly kind: 'addFinalizer' }
  | { readonly kind: 'removeFinalizer' }
  | { readonly kind: 'storeKit'; readonly run: Run }
  /** Puts a copy of an input Secret into custody, or brings the one that is there up to date. */
  | { readonly kind: 'copyInput'; readonly secret: string }
  | { readonly kind: 'createTask'; readonly order: TaskOrder }
  | { readonly kind: 'adopt'; readonly run: Run; readonly kit: string }
  | { readonly kind: 'deleteTask'; readonly name: string }
  | {
      readonly kind: 'deliver'
      readonly version: CredentialVersion
      /** The version before it, where that is in use. */
      readonly previous: CredentialVersion | undefined
      /** It is there already, and somebody has edited it. */
      readonly repairs: boolean
    }
  | { readonly kind: 'restart'; readonly restart: Restart }
  | { readonly kind: 'lookAtRollout'; readonly restart: Restart }
  | { readonly kind: 'removeTarget' }
  /** It stays, as its consumers' own. */
  | { readonly kind: 'leaveTarget' }
  /** `once`: only where the target shows this version. */
  | { readonly kind: 'removeFormer'; readonly former: FormerTarget; readonly once?: number | undefined }
  | { readonly kind: 'keepTarget'; readonly version: CredentialVersion }
  | { readonly kind: 'removeFromCustody'; readonly name: string }
  | { readonly kind: 'recordOrphan'; readonly owed: UnresolvedCredential }
  | { readonly kind: 'stopJob'; readonly run: RunFacts }
  | { readonly kind: 'releaseJob'; readonly run: RunFacts }

export interface Story {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly note: string
}

/**
 * What to do about one credential, in three steps whose order is the safety rule: first make durable what the status will
 * say, then write the status, and only then let go of the evidence that it now accounts for, and start what it announces.
 */
export interface Decision {
  readonly prepare: readonly Action[]
  readonly status: CustomCredentialStatus
  readonly release: readonly Action[]
  /** When to look again though nothing has changed, in milliseconds since the epoch; Infinity: never. */
  readonly wakeAt: number
  readonly stories: readonly Story[]
}
