import type { CustomCredential } from '../../api/generated.ts'
import { label } from '../../api/labels.ts'
import type { KubeObject } from '../../api/meta.ts'

/** Whether this very credential's mark is on the Secret: by UID, not by name. */
export const isOurs = (secret: KubeObject, credential: CustomCredential): boolean =>
  secret.metadata.labels?.[label.credentialUid] === credential.metadata.uid

/**
 * The Secret is people's own, and the operator has no more than some keys in it. A label says so, which nobody else can set, and
 * not the spec: what was people's when the operator came is theirs when it goes, whatever the spec says by then.
 */
export const isMerged = ({ metadata }: KubeObject): boolean => metadata.labels?.[label.merged] !== undefined

export const wantsMerge = ({ spec }: CustomCredential): boolean => spec.target?.creationPolicy === 'Merge'

/** Whether a Secret that is there is to be written as one of people's, or as the credential's own. */
export const isToMerge = (secret: KubeObject, credential: CustomCredential): boolean =>
  isOurs(secret, credential) ? isMerged(secret) : wantsMerge(credential)
