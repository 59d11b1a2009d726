import type { Explanation } from './explanation.ts'

/** Every reason of a CustomCredential's conditions. `npm run generate` makes the README's table from it. */
export const REASONS = {
  Delivered: {
    conditions: ['Ready'],
    means: 'The current version is in the Secret that consumers read.',
    remedy: '-',
  },
  Creating: {
    conditions: ['Ready'],
    means: 'The first version is being made.',
    remedy: 'Wait. `kubectl get stask` shows how far its task is.',
  },
  Waiting: {
    conditions: ['Rotating', 'Revoking'],
    means: 'The task of a rotation, or of a revocation, waits: for its turn, for a node, for an image.',
    remedy: "See the message: a limit of the provider's, or what the cluster says of the pod.",
  },
  RevokedAtOnce: {
    conditions: ['Ready'],
    means:
      'What consumers had was issued before `revokeIssuedBefore`, with `revokeMode: Immediate`: it is revoked, and its successor is not there yet.',
    remedy: 'Wait: the next version is made as soon as no revocation can be tried.',
  },
  CreationFailed: {
    conditions: ['Ready'],
    means: 'The provider, or its Job, has failed. It is tried again after 10 seconds, doubling to an hour.',
    remedy:
      'Correct what the message names. A change of `spec` or of the provider, or a new value of `rotate-requested-at`, has it tried again at once.',
  },
  CreationGivenUp: {
    conditions: ['Ready'],
    stalls: true,
    means:
      'So many tries at the next version have failed, in about ten days, that no other is made. The current version stays.',
    remedy:
      'Correct what the message names: the provider, which has it tried once more; or change `spec`, or give `rotate-requested-at` a new value.',
  },
  CreationCancelled: {
    conditions: ['Ready'],
    stalls: true,
    means: 'Somebody has deleted the task that was making the first version.',
    remedy: 'Give `rotate-requested-at` a new value, or change `spec`, and it is made.',
  },
  TaskFailed: {
    conditions: ['RotationFailed'],
    means: 'A rotation has failed. The current version stays, and the rotation is tried again in the same way.',
    remedy: 'Correct what the message names; then as for `CreationFailed`.',
  },
  TaskCancelled: {
    conditions: ['RotationFailed'],
    means:
      'Somebody has deleted the task of a rotation before it was over. The current version stays until its next cause.',
    remedy: 'Wait for the next interval, ask for a rotation, or change `spec`.',
  },
  TaskRefused: {
    conditions: ['Ready'],
    means: 'The API server refuses what begins a task: its record, its revocation kit, or our finalizer.',
    remedy: 'Remove what refuses it: a quota, a webhook, a policy.',
  },
  ProviderNotFound: {
    conditions: ['Ready'],
    stalls: true,
    means: 'There is no such provider.',
    remedy: 'Create it, or correct `spec.providerRef`.',
  },
  ProviderDeleting: {
    conditions: ['Ready'],
    stalls: true,
    means:
      'The provider is being deleted, and no creation is ordered of it any more. What it has made stays, and is revoked with it as always.',
    remedy:
      'Name another provider in `spec.providerRef`, and rotate until no version is of this one; or delete the credential. Who wants the provider back finds the way in its conditions.',
  },
  ProviderPending: {
    conditions: ['Ready'],
    means: 'The provider is new or has just changed, and is being checked.',
    remedy: 'Wait a moment.',
  },
  ProviderNotAccepted: {
    conditions: ['Ready'],
    stalls: true,
    means: "The API server refuses the Job or the pod of the provider's template.",
    remedy: 'Correct the provider. It is checked again every minute.',
  },
  NamespaceNotAllowed: {
    conditions: ['Ready'],
    stalls: true,
    means: "The cluster's provider does not serve this namespace.",
    remedy: 'Ask its administrator to admit it in `spec.allowedNamespaces`.',
  },
  ParametersInvalid: {
    conditions: ['Ready'],
    stalls: true,
    means: "A parameter is missing, unknown, or does not fit the provider's schema, or all together are too large.",
    remedy: 'Correct `spec.parameters` or `spec.secretParameters`.',
  },
  InputSecretNotFound: {
    conditions: ['Ready'],
    stalls: true,
    means: 'A Secret that `spec.secretParameters` names does not exist. Nothing is made before it does.',
    remedy: 'Create it, in the namespace of the credential, or name another.',
  },
  IntervalTooLong: {
    conditions: ['Ready'],
    stalls: true,
    means: "Interval, jitter and the provider's time-out together reach the time to live.",
    remedy: 'Rotate earlier, or raise `spec.ttl`.',
  },
  WindowInvalid: {
    conditions: ['Ready'],
    stalls: true,
    means: 'The rotation window can not be read, or never opens.',
    remedy: 'Correct `spec.rotation.window`.',
  },
  TemplateInvalid: {
    conditions: ['Ready'],
    stalls: true,
    means: "A template, a type or a prefix in `spec.target` does not fit Liquid, or the provider's outputs.",
    remedy: 'Correct what the message names. Until then nothing is made, nor written.',
  },
  AdoptionNotAllowed: {
    conditions: ['Ready'],
    stalls: true,
    means: 'The provider does not allow `spec.adopt`: whoever adopts credentials has them deleted one day.',
    remedy:
      'Ask its author to add `adopt` to its `spec.capabilities`, or take `spec.adopt` out to have credentials made.',
  },
  AdoptionFailed: {
    conditions: ['Ready'],
    stalls: true,
    means:
      'What `spec.adopt` names can not become the first version. It is looked at again after 10 seconds, doubling to 5 minutes.',
    remedy: 'Correct what the message names.',
  },
  Moving: {
    conditions: ['Ready'],
    means: '`spec.target.name` has changed: the current version is about to be written to the Secret of the new name.',
    remedy: 'Wait a moment. The former Secret stays until that is done, and `spec.rotation.minOverlap` has passed.',
  },
  TargetConflict: {
    conditions: ['Ready', 'RotationFailed'],
    stalls: true,
    means: 'The target Secret belongs to somebody else. The payload waits in custody, and a former Secret stays.',
    remedy: 'Delete that Secret, or name another one in `spec.target.name`.',
  },
  TargetMissing: {
    conditions: ['Ready', 'RotationFailed'],
    stalls: true,
    means: 'The Secret to merge into is not there. It is looked for again after 10 seconds, doubling to 5 minutes.',
    remedy: 'Create that Secret, or take `creationPolicy: Merge` back to have one made.',
  },
  DeliveryFailed: {
    conditions: ['Ready', 'RotationFailed'],
    means: 'The target Secret can not be written, or its payload is lost. No other version is made before it is.',
    remedy: 'Remove what refuses it: a quota, a webhook, an immutable Secret.',
  },
  RestartTargetNotFound: {
    conditions: ['RestartFailed'],
    means:
      'A workload of `spec.restartTargets` is not there. It is looked for again after 10 seconds, doubling to 5 minutes.',
    remedy: 'Create it, or take it out of `spec.restartTargets`.',
  },
  RestartForbidden: {
    conditions: ['RestartFailed'],
    means:
      'The operator may not read or roll out a workload of `spec.restartTargets`. It is tried again in the same way.',
    remedy: "Add the component `deploy/components/restart-targets` to the operator's installation.",
  },
  RestartRefused: {
    conditions: ['RestartFailed'],
    means: 'A workload of `spec.restartTargets` can not be rolled out. It is tried again in the same way.',
    remedy: 'Correct what the message names.',
  },
  RemovalRefused: {
    conditions: ['RemovalFailed'],
    means: 'A former target Secret can not be removed. It is tried again after 10 seconds, doubling to 5 minutes.',
    remedy: 'Remove what refuses it: a webhook, a policy.',
  },
  Expired: {
    conditions: ['Ready'],
    stalls: true,
    means: 'The last version has reached the end of its time to live, and none follows by itself.',
    remedy: 'Give the annotation `rotate-requested-at` a new value.',
  },
  ExpiresSoon: {
    conditions: ['AtRisk'],
    means: 'The current version is in the last tenth of its life, and its successor is not there.',
    remedy: 'See why its rotation is late, or ask for one.',
  },
  VersionSuspect: {
    conditions: [],
    stalls: true,
    means: 'The container failed after its report, twice in a row: what it made may not work.',
    remedy: 'Correct the provider, then rotate.',
  },
  TooManyUnresolved: {
    conditions: ['Ready'],
    stalls: true,
    means: 'Too many credentials wait for their deletion; nothing more is made.',
    remedy: 'See `status.unresolved` and the orphans, and correct what their errors name.',
  },
  SuspendedBySpec: {
    conditions: ['Suspended'],
    means: 'No task begins, but for `revokeIssuedBefore` and the deletion of the object.',
    remedy: 'Take `spec.suspend` back.',
  },
  VersionLocked: {
    conditions: ['Locked', 'DeletionBlocked', 'ExpiryBlocked'],
    means:
      'A version is locked: it is neither revoked nor displaced, at the end of its time either, and the object is not deleted. Only `revokeIssuedBefore` and the end of its namespace override that.',
    remedy: 'Remove the lock from `spec.locks`, where that is meant to end.',
  },
  LockWaiting: {
    conditions: ['Locked'],
    means: 'A lock waits for a task to end, or for the version that it names.',
    remedy: 'Wait, or correct `spec.locks`.',
  },
  PreviousVersionLocked: {
    conditions: ['RotationBlocked'],
    means: 'A rotation is due or asked for, and the previous version is locked. IBM Secrets Manager answers 412.',
    remedy: 'Remove the lock from `spec.locks`.',
  },
  IssuedBefore: {
    conditions: ['Revoking'],
    means:
      'Versions issued before `spec.revokeIssuedBefore`, of the credential or of its provider, are replaced, then revoked; with `revokeMode: Immediate` revoked, then replaced.',
    remedy: 'Wait; where a replacement fails, see `RotationFailed`.',
  },
  MomentToCome: {
    conditions: ['Revoking'],
    means:
      '`spec.revokeIssuedBefore`, of the credential or of its provider, is still to come, and does nothing before.',
    remedy: 'Name the moment of the leak, or now; wait; or take the field out.',
  },
  ChangesWaiting: {
    conditions: ['UpToDate'],
    means:
      'The current version was made by another provider, other parameters or another time to live than `spec` names now.',
    remedy: 'Wait for the next rotation, ask for one, or set `spec.applyPolicy: Immediate`.',
  },
  Deleting: {
    conditions: ['Ready'],
    means: 'The object is being deleted, and what exists upstream is revoked first.',
    remedy: 'Wait. After 15 minutes without success an OrphanedCredential takes over.',
  },
} as const satisfies Record<string, Explanation>

export type Reason = keyof typeof REASONS

export const explained: Readonly<Record<Reason, Explanation>> = REASONS

export const stalls = (reason: Reason): boolean => explained[reason].stalls === true
