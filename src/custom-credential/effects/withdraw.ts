import { label } from '../../api/labels.ts'
import { type KubeObject, keyOf } from '../../api/meta.ts'
import { Secrets } from '../../api/resources.ts'
import type { Caches } from '../../caches.ts'
import { isNotFound } from '../../kube/errors.ts'
import type { KubeApi } from '../../kube/port.ts'
import { withdrawnPatch } from '../delivery/merge.ts'
import { isMerged } from '../delivery/ownership.ts'
import { leftPatch } from '../delivery/target.ts'
import { readWhole } from './look-at.ts'

/**
 * Takes our keys and marks out of a Secret that is people's own, as long as they are the credential's that it was seen to have.
 * Where its data can not be changed any more, only the marks: `isOver`, when what the keys hold works no more.
 */
export async function withdraw(
  { api, caches }: { readonly api: KubeApi; readonly caches: Pick<Caches, 'secrets'> },
  seen: KubeObject,
  { isOver }: { readonly isOver: boolean },
): Promise<void> {
  const secret = await readWhole(api, seen)
  const ownerOf = ({ metadata }: KubeObject) => metadata.labels?.[label.credentialUid]
  if (secret === undefined || !isMerged(secret) || ownerOf(secret) !== ownerOf(seen)) return
  try {
    const operations = isOver && secret.immutable === true ? leftPatch(secret) : withdrawnPatch(secret)
    const { metadata } = await api.patch(Secrets, keyOf(secret), { operations })
    // Not left to the watch, which may be silent: it would be taken out again and again.
    caches.secrets.remember({ metadata })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
