/** Names that the operator writes on objects. They are part of the API: changing one strands what bears it. */
export const GROUP = 'customcredentials.dev'
export const VERSION = 'v1alpha1'
export const MANAGER = 'custom-credentials-operator'

export const label = {
  managedBy: 'app.kubernetes.io/managed-by',
  /** Name of the CustomCredential. */
  credential: `${GROUP}/credential`,
  /** UID of the CustomCredential: what ownership is judged by, never the name. */
  credentialUid: `${GROUP}/credential-uid`,
  version: `${GROUP}/version`,
  action: `${GROUP}/action`,
  /** Task ID: on Jobs, their pods, and what lies in custody. */
  task: `${GROUP}/task`,
  /** UID of the SecretTask that a Job was made for. */
  taskUid: `${GROUP}/task-uid`,
  /** Namespace of that SecretTask. */
  taskNamespace: `${GROUP}/task-namespace`,
  attempt: `${GROUP}/attempt`,
  /** On a target Secret that people have made: some of its keys are ours, all else is theirs. */
  merged: `${GROUP}/merged`,
  /** Name of the OrphanedCredential on whose behalf a task runs. */
  orphan: `${GROUP}/orphan`,
  /** What a Secret in custody holds. */
  custody: `${GROUP}/custody`,
} as const

export const annotation = {
  /** Set by people: a new value asks for a rotation. On a task and its Job: the value that they are to answer. */
  rotateRequestedAt: `${GROUP}/rotate-requested-at`,
  credentialsId: `${GROUP}/credentials-id`,
  /** On a target Secret: the version whose keys it holds. */
  version: `${GROUP}/version`,
  /** On a target Secret: a hash of what shapes it, where its spec says more than a name. */
  rendition: `${GROUP}/rendition`,
  /** On a target Secret: the keys of the labels and annotations that its spec has named (JSON), to be taken off again. */
  named: `${GROUP}/named`,
  /** On a target Secret that people have made: the keys that are ours, with commas between. */
  keys: `${GROUP}/keys`,
  /** On a target Secret that was a former one: the generation of the spec that has come back to its name. */
  returned: `${GROUP}/returned`,
  /** On what lies in custody: no run has reported it, `spec.adopt` has named it. */
  adopted: `${GROUP}/adopted`,
  /** On a target Secret that has outlived its CustomCredential: that one's UID. */
  retained: `${GROUP}/retained`,
  /** On the same: kind and name of the provider. */
  provider: `${GROUP}/provider`,
  /** On a revocation kit: what its provider can do, so that it is known without reading the kit. */
  capabilities: `${GROUP}/capabilities`,
  /** On a revocation kit, and on a copy of a Secret: the names of the Secrets that a run may read, with commas between. */
  inputSecrets: `${GROUP}/input-secrets`,
  /** On a copy of a Secret: UID and resourceVersion of what was copied. */
  copied: `${GROUP}/copied`,
  /** On an OrphanedCredential, set by a person: a new value asks for another try now. */
  retryRequestedAt: `${GROUP}/retry-requested-at`,
  /** On an OrphanedCredential, set by a person, or for one that has left the same credentials to people: no longer owed. */
  forget: `${GROUP}/forget`,
  /** On a task's pod: the certificate authorities of the task gateway (PEM), projected into a file. */
  gatewayCa: `${GROUP}/gateway-ca`,
  /** On a Job: its deletion in the foreground was accepted, so that the garbage collector answers for its pods. */
  stopped: `${GROUP}/stopped`,
  /** On a Job: it holds the name of a run that may never begin any more. */
  fence: `${GROUP}/fence`,
  /** On a Job and on what lies in custody: the task's spec (JSON), by which it is accounted for when the task is gone. */
  taskSpec: `${GROUP}/task-spec`,
} as const

/**
 * On the pod template of a restart target, by the credential's name: the version for whose sake it was last rolled out. A
 * target of several credentials bears one of each.
 */
export const restartedFor = (credential: string): string => `version.${GROUP}/${credential}`

/** Beside `restartedFor`: UID of that CustomCredential, since one that is made anew under the name counts from 1 again. */
export const restartedBy = (credential: string): string => `uid.${GROUP}/${credential}`

export const finalizer = {
  /** On a CustomCredential: something upstream may have to be revoked before it may go. */
  revocation: `${GROUP}/revocation`,
  /** On a provider: what it has made is not gone yet, and deletions run with it. */
  inUse: `${GROUP}/in-use`,
  /** On a Job: its outcome is not yet recorded on its credential. */
  jobRelease: `${GROUP}/job-release`,
  /** On an OrphanedCredential: only a revocation or a person's `forget` ends it. */
  owed: `${GROUP}/owed`,
} as const

/** Audience of the tokens that pods show to the task gateway. Only nodes may mint it (deploy/base/admission.yaml). */
export const GATEWAY_AUDIENCE = `${GROUP}/task-gateway`

export const CustodyKind = {
  version: 'version',
  kit: 'revocation-kit',
  refused: 'refused-report',
  copy: 'input-copy',
} as const
export type CustodyKind = (typeof CustodyKind)[keyof typeof CustodyKind]
