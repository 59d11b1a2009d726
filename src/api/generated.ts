// Made from crds/*.yaml by `npm run generate`. Do not edit.
import type { KubeObject } from './meta.ts'

/** Value of a parameter. */
export type ParameterValue = string | number | boolean

export type ProviderKind = 'CredentialsProvider' | 'ClusterCredentialsProvider'

/** The provider that creates and revokes this credential. */
export interface ProviderReference {
  /** Kind of the provider. Absent means CredentialsProvider, in the namespace of this object. */
  readonly kind?: ProviderKind
  /** Name of the provider. */
  readonly name: string
}

/** A Secret that the provider may read. */
export interface SecretParameter {
  /** Name of the Secret, in the namespace of this object. */
  readonly name: string
  /**
   * Whether the operator's namespace keeps a copy of the Secret, which follows it, for revocations after the
   * Secret, or this namespace, is gone. Without one they fail, until the Secret is there again. Absent means
   * false.
   */
  readonly copyForRevocation?: boolean
}

/**
 * When a rotation by interval may begin. One by request may always, and one that the end of spec.ttl makes
 * urgent does not wait for it either. Absent means at any time.
 */
export interface RotationWindow {
  /** When a window opens, as the five fields of cron, for example "0 2 * * 6". */
  readonly schedule: string
  /** IANA time zone of the schedule, for example Europe/Berlin. Absent means UTC. */
  readonly timeZone?: string
  /** How long the window stays open, for example 4h. At least one minute. */
  readonly duration: string
}

/** When the credential is replaced by a new version. Absent means by hand only. */
export interface Rotation {
  /**
   * Time from the creation of a version to the creation of the next, for example 30d, 12h or 1h30m. At least one
   * minute. Absent means by hand only.
   */
  readonly interval?: string
  /**
   * By how much a rotation is late at most, for example 1h: each credential by a share of its own, so that many
   * do not come at the same moment. Absent means not at all.
   */
  readonly jitter?: string
  /**
   * When a rotation by interval may begin. One by request may always, and one that the end of spec.ttl makes
   * urgent does not wait for it either. Absent means at any time.
   */
  readonly window?: RotationWindow
  /**
   * How long the previous version stays usable, at least, after the new one was written to the target Secret, for
   * example 10m or 1d. Absent means no longer than until the rotation after.
   */
  readonly minOverlap?: string
  /**
   * When what the new version has displaced need not be kept any longer: after minOverlap, or, where that is
   * earlier, once every workload of spec.restartTargets has completed its rollout for the new version
   * (AfterRestarts). Absent means AfterMinOverlap.
   */
  readonly overlapEnds?: 'AfterMinOverlap' | 'AfterRestarts'
}

/** A lock. */
export interface LockRequest {
  /** Name of the lock, for example that of a deployment that still uses the version. */
  readonly name: string
  /**
   * Which version it is to hold when it is first named here: from then on it stays with that version's number, in
   * status.locks. It waits while a task is not over.
   */
  readonly version: 'current' | 'previous'
  /** Why, for people. */
  readonly description?: string
}

/**
 * Credentials that exist and are to be the first version, without a task. Has no meaning once there is one. The
 * provider has to allow it in its capabilities.
 */
export interface AdoptRequest {
  /**
   * Name of a Secret of this namespace whose keys are the provider's outputs. Where it is the target Secret as
   * well, it is taken over; else it is left as it is.
   */
  readonly secretName: string
  /** The provider's own ID of the credentials, by which they are revoked one day. */
  readonly credentialsId: string
}

/**
 * Shows the previous version, too, for as long as it is in use: each of its outputs as it is, under its name
 * with a prefix. Absent means that the Secret holds one version only.
 */
export interface PreviousKeys {
  /** What the names of the previous version's outputs begin with, for example previous_. */
  readonly prefix: string
}

/** The Secret that consumers read. */
export interface Target {
  /**
   * Name of the Secret, in the namespace of this object. Absent means the name of this object. Where it changes,
   * the current version is written to the Secret of the new name, and the former Secret is removed once
   * spec.rotation.minOverlap has passed since then.
   */
  readonly name?: string
  /**
   * Type of the Secret, for example kubernetes.io/basic-auth. It can not change. The keys that a type requires
   * come from the provider's outputs, or from the template. Absent means Opaque.
   */
  readonly type?: string
  /**
   * How the Secret comes to be: it is made (Owner), and goes with this object; or it has to be there (Merge),
   * made by somebody else, and gets the credential's keys beside its own. It is never made nor deleted then, its
   * other keys are left alone, and a key that it has already is not written over: make another one in template.
   * While it is merged, what replaces it as a whole (kubectl replace) is refused; patch or apply it. A Secret
   * that is there stays as it came when this is edited. Absent means Owner.
   */
  readonly creationPolicy?: 'Owner' | 'Merge'
  /**
   * What becomes of the Secret when this object is deleted: it goes, too, or loses the credential's keys where it
   * was merged (Delete), or stays as it is (Retain), without our labels and annotations, though what it holds is
   * revoked (see revocationPolicy). Then another CustomCredential of the same target finds it in its way. Absent
   * means Delete.
   */
  readonly deletionPolicy?: 'Delete' | 'Retain'
  /**
   * Labels of the Secret, for example {"app": "orders"}. One that is no longer named here is taken off; what
   * others have put on the Secret stays.
   */
  readonly labels?: Readonly<Record<string, string>>
  /**
   * Annotations of the Secret, for example {"reloader.stakater.com/match": "true"}. One that is no longer named
   * here is taken off; what others have put on the Secret stays.
   */
  readonly annotations?: Readonly<Record<string, string>>
  /**
   * The keys of the Secret, each with a Liquid text, in place of the provider's outputs as they are: for example
   * {"url": "postgres://{{ username }}:{{ password | url_encode }}@db/orders"}. Variables are the provider's
   * outputs, all of them text, and where a previous version is in use {{ previous.password }} and so on, to be
   * asked for with {% if previous %}. There are if, unless, case, comment and raw, and the filters on text;
   * nothing is escaped unless a filter says so. All texts together have up to 65536 characters, 4096 of them in
   * outputs and tags. A text that can not be rendered shows in the conditions before any credential is made. An
   * edit is applied to the Secret at once.
   */
  readonly template?: Readonly<Record<string, string>>
  /**
   * Shows the previous version, too, for as long as it is in use: each of its outputs as it is, under its name
   * with a prefix. Absent means that the Secret holds one version only.
   */
  readonly previousKeys?: PreviousKeys
}

export type RestartKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Rollout'

/** A workload whose pods read the target Secret when they start. */
export interface RestartTarget {
  /** Kind of the workload. Rollout is the one of Argo Rollouts, with a spec.template of its own. */
  readonly kind: RestartKind
  /** Name of the workload. */
  readonly name: string
}

/** What the credential should be. */
export interface CustomCredentialSpec {
  /** The provider that creates and revokes this credential. */
  readonly providerRef: ProviderReference
  /**
   * Inputs of the provider, by the names in its schema. Each value is a string, an integer or a boolean, and
   * nothing confidential: whoever may read this object, its tasks or its pods reads it. For what is, there are
   * secretParameters. All together, the provider's defaults among them, take at most 128 KiB as JSON in UTF-8:
   * have what is long in a Secret, too. Where they take more, or one is not in the schema or of another type, the
   * condition Ready shows it.
   */
  readonly parameters?: Readonly<Record<string, ParameterValue>>
  /**
   * Inputs of type secret_id, by the names in the provider's schema: each names a Secret of this namespace, which
   * the container reads through the task gateway, as it is then. A Secret that does not exist shows in the
   * condition Ready.
   */
  readonly secretParameters?: Readonly<Record<string, SecretParameter>>
  /** When the credential is replaced by a new version. Absent means by hand only. */
  readonly rotation?: Rotation
  /**
   * Time to live of a version from its creation on, for example 90d. Then its credentials are revoked, once its
   * successor has been delivered for spec.rotation.minOverlap. Without spec.rotation.interval the last version is
   * revoked, too. A change applies from the next version on. From one minute to ten years. Absent means for ever.
   */
  readonly ttl?: string
  /**
   * Whether to start no task: nothing is created, rotated or revoked until it is taken back. What runs comes to
   * its end, what is made is delivered, a deletion of this object is carried out, and orphans of it are tried on.
   * Absent means false.
   */
  readonly suspend?: boolean
  /**
   * Who keeps a version from being revoked, and why. While the previous version is locked nothing is rotated; a
   * lock of the current version stays with it when it becomes the previous one. A locked version outlives its
   * time to live, and this object is not deleted while there is one.
   */
  readonly locks?: readonly LockRequest[]
  /**
   * Each version issued before this moment is replaced at once and then revoked, once its successor has been with
   * consumers for spec.rotation.minOverlap, whatever windows, locks and suspension say. Absent means none.
   */
  readonly revokeIssuedBefore?: string
  /**
   * What comes first of what revokeIssuedBefore asks for. AfterReplacement: consumers have the successor.
   * Immediate, for a leak that is being exploited: the revocation, at once, which locks out the consumers until
   * the next version is made and delivered. Absent means AfterReplacement; where credential and provider differ,
   * what either revokes at once goes at once.
   */
  readonly revokeMode?: 'AfterReplacement' | 'Immediate'
  /**
   * What becomes of the current version when this object is deleted. It is revoked like all others (Revoke), or
   * stays valid (Retain), and so does the target Secret, whose annotations then tell what spec.adopt of another
   * CustomCredential needs to know. With its namespace the Secret goes: then an OrphanedCredential tells it.
   * Absent means Revoke.
   */
  readonly revocationPolicy?: 'Revoke' | 'Retain'
  /**
   * Credentials that exist and are to be the first version, without a task. Has no meaning once there is one. The
   * provider has to allow it in its capabilities.
   */
  readonly adopt?: AdoptRequest
  /**
   * When a change of the provider, of parameters (defaults of the provider included) or of ttl takes effect: with
   * the next version that comes anyway (NextRotation), or with one that is made for it at once, outside of
   * windows, too (Immediate). A change of anything else makes no version. Absent means NextRotation.
   */
  readonly applyPolicy?: 'NextRotation' | 'Immediate'
  /**
   * How many records of finished tasks are kept, the newest ones. Absent means 10. What is still owed a deletion
   * keeps the records that it needs.
   */
  readonly taskHistoryLimit?: number
  /**
   * How many versions that are gone are kept in status.history, the newest ones, without their payloads. Absent
   * means 10.
   */
  readonly versionHistoryLimit?: number
  /** The Secret that consumers read. */
  readonly target?: Target
  /**
   * The workloads, in the namespace of this object, that are rolled out once a version that takes the place of
   * another one is in the target Secret. One that is added later is not, until the next version. The operator
   * needs rights for that, which the component deploy/components/restart-targets gives it.
   */
  readonly restartTargets?: readonly RestartTarget[]
}

export type CredentialState = 'pre_activation' | 'active' | 'deactivated' | 'destroyed'

/** The Secret in effect. */
export interface CustomCredentialStatusTarget {
  /** Name of the Secret, in the namespace of this object. */
  readonly name: string
}

/** A former target Secret. It stays as it is until it is removed. */
export interface FormerTarget {
  /** Name of the Secret. */
  readonly name: string
  /** UID of the Secret. Another one of the same name is left alone. */
  readonly uid: string
  /**
   * Until when its consumers may take their time to follow. Absent while the Secret that has taken its place does
   * not show the current version.
   */
  readonly removeAfter?: string
}

export type TaskTrigger =
  | 'secret_creation'
  | 'manual_secret_rotation'
  | 'automatic_secret_rotation'
  | 'secret_version_expiration'
  | 'secret_version_data_deletion'

/** The provider that ran, as it was then. */
export interface PinnedProvider {
  /** Kind of the provider. */
  readonly kind: ProviderKind
  /** Name of the provider. */
  readonly name: string
  /** UID of the provider. */
  readonly uid: string
  /** Generation of the provider's spec. */
  readonly generation: number
}

/** A version of the credential. */
export interface CredentialVersion {
  /** Number of the version, from 1. */
  readonly version: number
  /** ID of the task that created it, which is also the name of its Secret in custody. */
  readonly taskId: string
  /** The provider's own ID of the credentials, needed to revoke them. Nothing confidential: it is a name. */
  readonly credentialsId: string
  /** What caused the task. */
  readonly trigger: TaskTrigger
  /**
   * It was issued after this time, by the API server's clock: when its Job was made, or its task where that is
   * not known.
   */
  readonly issuedAfter?: string
  /** When its task was claimed, by the operator's clock. It was issued no earlier. */
  readonly startedAt?: string
  /** When the provider reported it. */
  readonly createdAt: string
  /** When its time to live ends. Absent means never. */
  readonly expiresAt?: string
  /**
   * When every workload of spec.restartTargets was seen to have completed its rollout for this version. Only
   * noted where spec.rotation.overlapEnds asks for it, while an overlap lasts.
   */
  readonly followedAt?: string
  /**
   * The last notice that its end is near was given so many days before (90, 60, 30, 10, 1, 0). Absent means none
   * yet.
   */
  readonly noticedDays?: number
  /** When it was written to the target Secret. Absent means not yet. */
  readonly deliveredAt?: string
  /** The provider that ran, as it was then. */
  readonly provider: PinnedProvider
  /** Name of the revocation kit, the Secret in custody that holds what a revocation needs. */
  readonly kit: string
  /**
   * Tells whether the parameters it was made with are those of the spec. Absent where that was not noted: then a
   * change of parameters is told, and applied at once, from the next version on.
   */
  readonly parametersHash?: string
  /** Why this version may not work although it was reported. It is replaced once. Absent means sound. */
  readonly suspect?: string
  /**
   * No task of this object has made it: spec.adopt has named it. When it was issued is not known. Absent means
   * that its task has.
   */
  readonly adopted?: boolean
  /**
   * More than one pod of its run was started, and this is what one of them reported. What another may have made
   * is looked for when this version goes.
   */
  readonly startedTwice?: boolean
}

/** A version that is gone. */
export interface PastVersion {
  /** Number of the version. */
  readonly version: number
  /** ID of the task that created it. */
  readonly taskId: string
  /** The provider's own ID of the credentials. */
  readonly credentialsId: string
  /** What caused the task. */
  readonly trigger: TaskTrigger
  /** When the provider reported it. */
  readonly createdAt: string
  /** When the operator took note that it was gone. */
  readonly goneAt: string
  /**
   * Revoked: it was deleted upstream. Renewed: a later version bears the same credentials ID, where a provider
   * renews in place. Orphaned: an OrphanedCredential has taken over its deletion.
   */
  readonly end: 'Revoked' | 'Renewed' | 'Orphaned'
}

/** How far a workload has followed. */
export interface Restart {
  /** Kind of the workload. Rollout is the one of Argo Rollouts, with a spec.template of its own. */
  readonly kind: RestartKind
  /** Name of the workload. */
  readonly name: string
  /**
   * The version that it was last rolled out for, or that was current when it was first named in the spec. While
   * it is older than the current one, a rollout is due.
   */
  readonly version: number
}

/**
 * A task that waits for its turn, so that its deletion is known for a cancellation. Absent where none has
 * waited for seconds.
 */
export interface CustomCredentialStatusNextVersionQueued {
  /** ID of the task. */
  readonly taskId: string
  /** The request that it is to answer. */
  readonly rotateRequest?: string
}

/** Bookkeeping of the version that is being made. */
export interface NextVersion {
  /** Number of the version. */
  readonly number: number
  /** Number of tasks made for it. */
  readonly attempts: number
  /** How often a try at it has failed since a person last had a hand in it, by a change of spec or a request. */
  readonly failures: number
  /** When a failed try is repeated, where nothing else holds it up. Absent means at once. */
  readonly nextAttemptTime?: string
  /**
   * When it was seen that somebody had deleted the task of the last try while it ran, or waited for its turn.
   * Then the next cause is waited for. Absent means that nobody has, or that it has come.
   */
  readonly cancelledAt?: string
  /**
   * A task that waits for its turn, so that its deletion is known for a cancellation. Absent where none has
   * waited for seconds.
   */
  readonly queued?: CustomCredentialStatusNextVersionQueued
  /**
   * What the annotation customcredentials.dev/rotate-requested-at said when the last of those tasks was made.
   * Another value has the next one made at once.
   */
  readonly rotateRequest?: string
}

/** A lock that holds a version. */
export interface Lock {
  /** Name of the lock. */
  readonly name: string
  /** Number of the version that it holds. */
  readonly version: number
}

/** The last task that failed. */
export interface TaskFailure {
  /** ID of the task. */
  readonly taskId: string
  /** When it failed. */
  readonly time: string
  /** Error code, for programs. */
  readonly code: string
  /** What went wrong, for people. */
  readonly description: string
}

export type UnresolvedReason =
  | 'Superseded'
  | 'CredentialDeleted'
  | 'Expired'
  | 'IssuedBefore'
  | 'OutcomeUnknown'
  | 'Refused'
  | 'Undelivered'
  | 'Suspect'
  | 'Retained'
  | 'IdInUse'

/** An error of a task. */
export interface TaskError {
  /** Error code, for programs. */
  readonly code: string
  /** What went wrong, for people. Never holds a secret value. */
  readonly description: string
}

/** A revocation that is owed. */
export interface UnresolvedCredential {
  /** ID of the create task that made it or may have made it. */
  readonly originTaskId: string
  /** The provider's own ID of the credentials. Absent where no report named one. */
  readonly credentialsId?: string
  /** The version that the create task was for. */
  readonly version: number
  /** What caused the task. */
  readonly trigger: TaskTrigger
  /**
   * Why it is to be revoked: a newer version took its place (Superseded), the CustomCredential was deleted
   * (CredentialDeleted), its time to live has ended (Expired), it was issued before a moment that people named
   * (IssuedBefore), nobody knows whether the run created anything (OutcomeUnknown), its report was refused
   * (Refused), it never reached the target Secret (Undelivered), its provider failed after the report (Suspect),
   * or rather it is not, until a person asks for it: spec.revocationPolicy was Retain (Retained), or a version in
   * use that another provider made bears the same ID (IdInUse).
   */
  readonly reason: UnresolvedReason
  /** Since when it is owed. */
  readonly since: string
  /** It may still be in use until this time. Absent means it may be revoked at once. */
  readonly notBefore?: string
  /** Number of delete tasks that were made for it. */
  readonly attempts: number
  /** When the next delete task is due. Absent means at once, or that one is running. */
  readonly nextAttemptTime?: string
  /** An error of a task. */
  readonly lastError?: TaskError
  /** The provider that ran, as it was then. */
  readonly provider: PinnedProvider
  /** Name of the revocation kit, the Secret in custody that holds what a revocation needs. */
  readonly kit: string
  /** Whether the provider can find what the run made by the ID of its task. */
  readonly find?: boolean
}

export type ConditionStatus = 'True' | 'False' | 'Unknown'

/** One aspect of the object. */
export interface Condition {
  /** Name of the aspect, in CamelCase. */
  readonly type: string
  /** Whether it holds. */
  readonly status: ConditionStatus
  /** The generation of the spec that this condition speaks of. */
  readonly observedGeneration?: number
  /** When the status of the condition last changed. */
  readonly lastTransitionTime: string
  /** Why, in one word from a closed set, for programs. */
  readonly reason: string
  /** Why, and what to do next, for people. */
  readonly message: string
}

/** What the credential is. */
export interface CustomCredentialStatus {
  /** The generation of the spec that this status speaks of. 0 until the operator has seen the object. */
  readonly observedGeneration: number
  /**
   * Life cycle state (NIST SP 800-57): pre_activation until the first version is delivered, active, deactivated
   * while what consumers had is revoked and its successor not there, or the object is deleted, destroyed once
   * everything is revoked.
   */
  readonly state?: CredentialState
  /** The state as IBM Secrets Manager numbers it: 0, 1, 3 or 5. */
  readonly stateNumber?: 0 | 1 | 3 | 5
  /** The Secret in effect. */
  readonly target?: CustomCredentialStatusTarget
  /** Secrets that were the target before spec.target.name changed, and are still to be removed. */
  readonly formerTargets?: readonly FormerTarget[]
  /** The version that consumers read. */
  readonly currentVersion?: number
  /** The version before the current one. It still works. */
  readonly previousVersion?: number
  /** The versions that exist, with all that is needed to revoke them. */
  readonly versions?: readonly CredentialVersion[]
  /** Versions that are gone, the last ones of spec.versionHistoryLimit. Their payloads are gone, too. */
  readonly history?: readonly PastVersion[]
  /** How far the workloads of spec.restartTargets have followed. */
  readonly restarts?: readonly Restart[]
  /** Bookkeeping of the version that is being made. */
  readonly nextVersion?: NextVersion
  /** When the next version is due. Absent means by hand only. */
  readonly nextRotationTime?: string
  /** When the time to live of the current version ends. Absent means never. */
  readonly expirationTime?: string
  /** Locks of spec.locks, and the versions that they hold. */
  readonly locks?: readonly Lock[]
  /** The last value of the annotation customcredentials.dev/rotate-requested-at that was acted upon. */
  readonly lastHandledRotateRequest?: string
  /** The last task that failed. */
  readonly lastFailure?: TaskFailure
  /** Everything that exists or may exist upstream and is still to be revoked. */
  readonly unresolved?: readonly UnresolvedCredential[]
  /** What is true of this object now, and what to do about it. */
  readonly conditions?: readonly Condition[]
}

/** A credential that a provider creates, the operator keeps in a Secret, rotates, and revokes. */
export interface CustomCredential extends KubeObject {
  /** What the credential should be. */
  readonly spec: CustomCredentialSpec
  /** What the credential is. */
  readonly status: CustomCredentialStatus
}

export type TaskType = 'create_credentials' | 'delete_credentials'

/** The CustomCredential that this is for. */
export interface CredentialReference {
  /** Namespace of the CustomCredential. */
  readonly namespace: string
  /** Name of the CustomCredential. */
  readonly name: string
  /** UID of the CustomCredential. */
  readonly uid: string
}

/** A Secret that the run may read. */
export interface SecretReference {
  /** Name of the Secret. */
  readonly name: string
}

/** What to do. Never changes. */
export interface SecretTaskSpec {
  /** Whether credentials are created or deleted. */
  readonly type: TaskType
  /** What caused the task. */
  readonly trigger: TaskTrigger
  /** The CustomCredential that this is for. */
  readonly credential: CredentialReference
  /** The version that is created or deleted. */
  readonly version: number
  /** Which try this is, from 1. */
  readonly attempt: number
  /** Delete tasks only. ID of the create task that made what is to be deleted. */
  readonly originTaskId?: string
  /**
   * Delete tasks only. The provider's own ID of what is to be deleted. Absent means that the provider has to find
   * what the origin task made.
   */
  readonly credentialsId?: string
  /** The provider that ran, as it was then. */
  readonly provider: PinnedProvider
  /** Name of the revocation kit, the Secret in custody that holds what a revocation needs. */
  readonly kit: string
  /** Inputs of the provider. Each value is a string, an integer or a boolean. */
  readonly parameters: Readonly<Record<string, ParameterValue>>
  /** Secrets of the credential's namespace that the run may read while it is at work, by input. */
  readonly secretParameters?: Readonly<Record<string, SecretReference>>
  /**
   * UID of the credential's namespace, where the run may read Secrets of it: one that bears the name later has
   * other Secrets.
   */
  readonly namespaceUid?: string
  /** Where the Job runs. */
  readonly jobNamespace: string
  /** How long the Job may take. */
  readonly timeoutSeconds: number
}

export type TaskState = 'queued' | 'processing' | 'credentials_created' | 'credentials_deleted' | 'failed'

/** The Job that runs the provider. */
export interface JobReference {
  /** Namespace of the Job. */
  readonly namespace: string
  /** Name of the Job, which is the task ID. */
  readonly name: string
  /** UID of the Job. */
  readonly uid: string
}

/** What a create task made. */
export interface TaskResult {
  /** The provider's own ID of the credentials, needed to revoke them. */
  readonly credentialsId: string
}

export type TaskOutcome = 'Created' | 'Deleted' | 'Nothing' | 'Unknown'

/** How far the task is. It alone decides what came of the run. */
export interface SecretTaskStatus {
  /**
   * How far the task is: queued until its Job may be made, processing until the report, then one of three ends
   * that accept no further change.
   */
  readonly state: TaskState
  /** When the task was claimed, just before its Job was made. */
  readonly startedAt?: string
  /** When the task ended. */
  readonly finishedAt?: string
  /** When the task fails unless it has been reported. */
  readonly deadline?: string
  /** The Job that runs the provider. */
  readonly jobRef?: JobReference
  /**
   * What the task waits for, what is wrong, or who says what comes next after a failure, for people. Never holds
   * a secret value.
   */
  readonly message?: string
  /** Why the task failed. */
  readonly errors?: readonly TaskError[]
  /** What a create task made. */
  readonly result?: TaskResult
  /**
   * What may exist upstream after the run: what the result names (Created), no longer what was to be deleted
   * (Deleted), nothing (Nothing), or nobody knows (Unknown).
   */
  readonly outcome?: TaskOutcome
  /** Why what was reported may not work. May be set after the end. */
  readonly suspect?: string
}

/**
 * One run of a provider that creates or deletes credentials. The operator alone makes tasks; people list, read
 * and cancel (delete) them. The Job of a task bears its name.
 */
export interface SecretTask extends KubeObject {
  /** What to do. Never changes. */
  readonly spec: SecretTaskSpec
  /** How far the task is. It alone decides what came of the run. */
  readonly status: SecretTaskStatus
}

/** A Container. */
export interface ProviderContainer {
  /** Name of the container. */
  readonly name: string
  /** Image of the container. */
  readonly image: string
  readonly [field: string]: unknown
}

/** A PodSpec. */
export interface PodTemplateSpec {
  /** Containers of the pod. The one named provider, or the only one, gets the task in its environment. */
  readonly containers: readonly ProviderContainer[]
  readonly [field: string]: unknown
}

/**
 * The pod of every run, a PodTemplateSpec. The security context that Pod Security restricted asks for, and the
 * restart policy, are filled in where they are absent.
 */
export interface PodTemplate {
  /** A PodSpec. */
  readonly spec: PodTemplateSpec
  readonly [field: string]: unknown
}

export type ParameterType = 'string' | 'integer' | 'boolean' | 'enum' | 'secret_id'

/** An input. It reaches the container as SMIN_<NAME>_VALUE and SM_<NAME>_VALUE. */
export interface ParameterSchema {
  /** Name, in lower_snake_case. */
  readonly name: string
  /**
   * Type of the value. secret_id stands for a Secret of the credential's namespace: the container is given its
   * ID, and reads it through the task gateway.
   */
  readonly type: ParameterType
  /** Whether a value must be given. Absent means no. */
  readonly required?: boolean
  /** Type enum only: the values allowed. */
  readonly values?: readonly string[]
  /** Type string only: a regular expression. It may match anywhere: anchor it with ^ and $. */
  readonly pattern?: string
  /** Type integer only: the least value allowed. */
  readonly minimum?: number
  /** Type integer only: the greatest value allowed. */
  readonly maximum?: number
  /** The value where none is given. A string, an integer or a boolean, as the type says. */
  readonly default?: ParameterValue
  /** What it is, for the people who set or read it. */
  readonly description?: string
}

export type FieldType = 'string' | 'integer' | 'boolean' | 'enum'

/** An output, which becomes a key of the target Secret. */
export interface CredentialSchema {
  /** Name, in lower_snake_case. */
  readonly name: string
  /** Type of the value. */
  readonly type: FieldType
  /** Whether every report must hold it. Absent means no. */
  readonly required?: boolean
  /** Type enum only: the values allowed. */
  readonly values?: readonly string[]
  /** Type string only: a regular expression. It may match anywhere: anchor it with ^ and $. */
  readonly pattern?: string
  /** Type integer only: the least value allowed. */
  readonly minimum?: number
  /** Type integer only: the greatest value allowed. */
  readonly maximum?: number
  /** What it is, for the people who set or read it. */
  readonly description?: string
}

/** What goes into a run and what comes out of it. */
export interface ProviderSchema {
  /**
   * Inputs that a CustomCredential sets in spec.parameters or, those of type secret_id, in spec.secretParameters.
   */
  readonly parameters?: readonly ParameterSchema[]
  /** Values that a create run reports. Each becomes a key of the target Secret. */
  readonly credentials: readonly CredentialSchema[]
}

/** How many tasks of this provider may begin within a period. Absent means any number. */
export interface CredentialsProviderSpecRateLimit {
  /** How many tasks may begin within any period of this length. */
  readonly tasks: number
  /** Length of the period, from 1s to 1d, for example 1m. */
  readonly period: string
}

export type Capability = 'find' | 'adopt'

/** What to run, and what goes in and comes out. */
export interface CredentialsProviderSpec {
  /**
   * The pod of every run, a PodTemplateSpec. The security context that Pod Security restricted asks for, and the
   * restart policy, are filled in where they are absent.
   */
  readonly template: PodTemplate
  /** What goes into a run and what comes out of it. */
  readonly schema: ProviderSchema
  /** How long a run may take, from 1m to 24h, for example 90s or 10m. Absent means 10m. */
  readonly taskTimeout?: string
  /**
   * Each version of every credential of this provider issued before this moment is replaced at once and then
   * revoked, once its successor has been with consumers for their spec.rotation.minOverlap, whatever windows,
   * locks and suspension say. Absent means none.
   */
  readonly revokeIssuedBefore?: string
  /**
   * What comes first of what revokeIssuedBefore asks for. AfterReplacement: consumers have the successor.
   * Immediate, for a leak that is being exploited: the revocation, at once, which locks out the consumers until
   * the next version is made and delivered. Absent means AfterReplacement; where credential and provider differ,
   * what either revokes at once goes at once.
   */
  readonly revokeMode?: 'AfterReplacement' | 'Immediate'
  /**
   * How many tasks of this provider may be at work at the same time. The others wait their turn, which goes round
   * the namespaces. Absent means as many as the operator runs at all.
   */
  readonly concurrency?: number
  /** How many tasks of this provider may begin within a period. Absent means any number. */
  readonly rateLimit?: CredentialsProviderSpecRateLimit
  /** What the provider can do beyond creating and deleting. */
  readonly capabilities?: readonly Capability[]
}

/** What the operator found out about the provider. */
export interface ProviderStatus {
  /** The generation of the spec that this status speaks of. 0 until the operator has seen the object. */
  readonly observedGeneration: number
  /** What is true of this object now, and what to do about it. */
  readonly conditions?: readonly Condition[]
}

/** How credentials are created and deleted, with a container of your own. Serves its own namespace. */
export interface CredentialsProvider extends KubeObject {
  /** What to run, and what goes in and comes out. */
  readonly spec: CredentialsProviderSpec
  /** What the operator found out about the provider. */
  readonly status: ProviderStatus
}

/** How many tasks of this provider may begin within a period. Absent means any number. */
export interface ClusterCredentialsProviderSpecRateLimit {
  /** How many tasks may begin within any period of this length. */
  readonly tasks: number
  /** Length of the period, from 1s to 1d, for example 1m. */
  readonly period: string
}

/** A condition on a label. */
export interface LabelSelectorRequirement {
  /** Key of the label. */
  readonly key: string
  /** How the label relates to the values. */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  /** Values of the label. */
  readonly values?: readonly string[]
}

/** Labels of the namespaces. An empty selector matches all. */
export interface LabelSelector {
  /** Labels that a namespace must have. */
  readonly matchLabels?: Readonly<Record<string, string>>
  /** Conditions on labels, all of which must hold. */
  readonly matchExpressions?: readonly LabelSelectorRequirement[]
}

/** Which namespaces may use this provider. Absent means none. */
export interface AllowedNamespaces {
  /** All namespaces, or those whose labels the selector matches. */
  readonly from: 'All' | 'Selector'
  /** Labels of the namespaces. An empty selector matches all. */
  readonly selector?: LabelSelector
}

/** What to run, and what goes in and comes out. */
export interface ClusterCredentialsProviderSpec {
  /**
   * The pod of every run, a PodTemplateSpec. The security context that Pod Security restricted asks for, and the
   * restart policy, are filled in where they are absent.
   */
  readonly template: PodTemplate
  /** What goes into a run and what comes out of it. */
  readonly schema: ProviderSchema
  /** How long a run may take, from 1m to 24h, for example 90s or 10m. Absent means 10m. */
  readonly taskTimeout?: string
  /**
   * Each version of every credential of this provider issued before this moment is replaced at once and then
   * revoked, once its successor has been with consumers for their spec.rotation.minOverlap, whatever windows,
   * locks and suspension say. Absent means none.
   */
  readonly revokeIssuedBefore?: string
  /**
   * What comes first of what revokeIssuedBefore asks for. AfterReplacement: consumers have the successor.
   * Immediate, for a leak that is being exploited: the revocation, at once, which locks out the consumers until
   * the next version is made and delivered. Absent means AfterReplacement; where credential and provider differ,
   * what either revokes at once goes at once.
   */
  readonly revokeMode?: 'AfterReplacement' | 'Immediate'
  /**
   * How many tasks of this provider may be at work at the same time. The others wait their turn, which goes round
   * the namespaces. Absent means as many as the operator runs at all.
   */
  readonly concurrency?: number
  /** How many tasks of this provider may begin within a period. Absent means any number. */
  readonly rateLimit?: ClusterCredentialsProviderSpecRateLimit
  /** What the provider can do beyond creating and deleting. */
  readonly capabilities?: readonly Capability[]
  /** Namespace in which every run takes place. It holds what the template refers to. */
  readonly jobNamespace: string
  /** Which namespaces may use this provider. Absent means none. */
  readonly allowedNamespaces?: AllowedNamespaces
}

/**
 * How credentials are created and deleted, with a container of your own. Serves the namespaces that it allows,
 * and runs in a namespace of its own, so that no tenant sees the administrator's login.
 */
export interface ClusterCredentialsProvider extends KubeObject {
  /** What to run, and what goes in and comes out. */
  readonly spec: ClusterCredentialsProviderSpec
  /** What the operator found out about the provider. */
  readonly status: ProviderStatus
}

/** What is owed. Never changes. */
export interface OrphanedCredentialSpec {
  /** The CustomCredential that this is for. */
  readonly credential: CredentialReference
  /** ID of the create task that made it or may have made it. */
  readonly originTaskId: string
  /** The provider's own ID of the credentials. Absent where no report named one. */
  readonly credentialsId?: string
  /** The version that the create task was for. */
  readonly version: number
  /**
   * What its delete tasks name as their cause: what has had it owed, or secret_version_data_deletion where that
   * is left to people. Absent means the same.
   */
  readonly trigger?: TaskTrigger
  /**
   * Why it is to be revoked: a newer version took its place (Superseded), the CustomCredential was deleted
   * (CredentialDeleted), its time to live has ended (Expired), it was issued before a moment that people named
   * (IssuedBefore), nobody knows whether the run created anything (OutcomeUnknown), its report was refused
   * (Refused), it never reached the target Secret (Undelivered), its provider failed after the report (Suspect),
   * or rather it is not, until a person asks for it: spec.revocationPolicy was Retain (Retained), or a version in
   * use that another provider made bears the same ID (IdInUse).
   */
  readonly reason: UnresolvedReason
  /** Since when it is owed. */
  readonly since: string
  /** It may still be in use until this time. Absent means it may be revoked at once. */
  readonly notBefore?: string
  /** The provider that ran, as it was then. */
  readonly provider: PinnedProvider
  /** Name of the revocation kit, the Secret in custody that holds what a revocation needs. */
  readonly kit: string
  /** Whether the provider can find what the run made by the ID of its task. */
  readonly find?: boolean
}

/** How far the revocation is. */
export interface OrphanedCredentialStatus {
  /**
   * Whether the operator goes on trying (Owed), or can not revoke it and a person must act (Blocked); then the
   * message says why and what to do.
   */
  readonly state: 'Owed' | 'Blocked'
  /** Number of delete tasks that were made for it. */
  readonly attempts: number
  /**
   * When the next delete task is due. Absent means at once, though not before spec.notBefore, or that one is
   * running.
   */
  readonly nextAttemptTime?: string
  /** ID of the last delete task. */
  readonly lastTaskId?: string
  /** The last value of the annotation customcredentials.dev/retry-requested-at that was acted upon. */
  readonly lastHandledRetryRequest?: string
  /** An error of a task. */
  readonly lastError?: TaskError
  /** How it stands and what to do, for people. Never holds a secret value. */
  readonly message?: string
}

/**
 * A credential that exists or may exist upstream and is still to be revoked, after its CustomCredential has
 * gone or because nobody knows what a run made. The operator alone makes it, and removes it once it is revoked.
 */
export interface OrphanedCredential extends KubeObject {
  /** What is owed. Never changes. */
  readonly spec: OrphanedCredentialSpec
  /** How far the revocation is. */
  readonly status: OrphanedCredentialStatus
}
