import type { KubeObject, Resource } from '../../../src/api/meta.ts'

/** Who did something: an incarnation of the operator (`operator-1`), a controller of the cluster, a pod, a person. */
export type Actor = string

/** One change of one object, at one revision of the API server. Objects are shared and frozen: never change them. */
export interface ObjectChange {
  readonly kind: 'object'
  readonly revision: number
  readonly resource: Resource
  readonly type: 'added' | 'changed' | 'deleted'
  /** As it is now; for a deletion, as it was last. */
  readonly object: KubeObject
  readonly previous?: KubeObject
  readonly by: Actor
}

/** What happened to a credential in the system that it gives access to. */
export interface UpstreamChange {
  readonly kind: 'upstream'
  readonly type: 'created' | 'deleted'
  readonly credentialsId: string
  /** The create run that made it. */
  readonly originTaskId: string
  readonly by: Actor
}

/** A container of a task's pod starts to work, or has come to its end. */
export interface ContainerChange {
  readonly kind: 'container'
  readonly type: 'started' | 'ended'
  readonly taskId: string
  readonly jobUid: string
  readonly podUid: string
}

/** The task gateway's answer to a report, as the container receives it. */
export interface ReportAnswered {
  readonly kind: 'answered'
  readonly taskId: string
  /** Of the pod that reports. */
  readonly podUid: string
  readonly credentialsId?: string
  /** HTTP status. */
  readonly code: number
  /** What else the answer says, where that is known. */
  readonly body?: string
}

/** The task gateway's answer to a request for a Secret, as the container receives it. */
export interface SecretShown {
  readonly kind: 'shown'
  /** The task that the container runs for. */
  readonly taskId: string
  readonly podUid: string
  /** By which it asked for the Secret. */
  readonly id: string
  /** When it asked, in milliseconds since the epoch. */
  readonly askedAt: number
  /** HTTP status. */
  readonly code: number
  readonly body: string
}

/** A write that the operator sends. */
export interface WriteSent {
  readonly kind: 'sent'
  readonly by: Actor
  /** `verb plural[/subresource]`, such as `patch secrettasks/status`. */
  readonly call: string
  readonly namespace?: string
  readonly name: string
}

/** Which object, as which version. */
interface AtVersion {
  readonly plural: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
}

/** The operator's process hears what has become of an object by a write of its own. */
export interface WriteAnswered extends AtVersion {
  readonly kind: 'written'
  readonly by: Actor
}

/** A cache of an operator's process has changed. */
export interface CacheChanged extends AtVersion {
  readonly kind: 'known'
  readonly by: Actor
  /** It takes the object to be gone, which it has known as this version last. */
  readonly gone: boolean
}

/** The operator's process hears that a call has not succeeded. */
export interface CallFailed {
  readonly kind: 'refused'
  readonly by: Actor
  /** Such as `write patch secrettasks/status`, or `read get secrets`. */
  readonly call: string
  /** The HTTP status, or what went wrong in place of an answer. */
  readonly why: string
  /** The server had done what it was asked, and only its answer was lost or falsified. */
  readonly done: boolean
}

/** A consumer has tried what a target Secret tells it, or told it a while ago. */
export interface Login {
  readonly kind: 'login'
  /** `namespace/name` of the target Secret. */
  readonly secret: string
  readonly credentialsId: string
  /** UID of the CustomCredential that the Secret belongs to. */
  readonly credentialUid: string
  readonly ok: boolean
}

/** Text that leaves the operator: a log line. */
export interface TextWritten {
  readonly kind: 'text'
  readonly by: Actor
  readonly text: string
}

/** What a person did out of turn, so that expectations about it are given up. */
export interface HostileAct {
  readonly kind: 'hostile'
  readonly act: string
}

/** A process of the operator has ended by itself, and not because it was asked to. */
export interface ProcessFailed {
  readonly kind: 'failed'
  readonly by: Actor
  /** Name and message of the error. */
  readonly why: string
}

/** Something goes wrong on purpose: what is to happen in time counts from there. */
export interface FaultStruck {
  readonly kind: 'fault'
  /** Such as `lost`; one that sets wall clocks says so, and begins with `clock` where it does no more. */
  readonly fault: string
  /** Where, such as `write patch secrettasks/status`. */
  readonly place: string
}

/** Everything that can be observed of a world, simulated or real, one after the other. Invariants are judged on facts alone. */
export type Fact =
  | ObjectChange
  | UpstreamChange
  | ContainerChange
  | ReportAnswered
  | SecretShown
  | WriteSent
  | WriteAnswered
  | CacheChanged
  | CallFailed
  | Login
  | TextWritten
  | HostileAct
  | ProcessFailed
  | FaultStruck
