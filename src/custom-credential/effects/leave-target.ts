import { keyOf } from '../../api/meta.ts'
import { Secrets } from '../../api/resources.ts'
import { isNotFound } from '../../kube/errors.ts'
import { leftPatch } from '../delivery/target.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Ports } from './ports.ts'

/** The credential goes, and its target Secret stays, though what it holds works no more: it is its consumers' own from now on. */
export async function leaveTarget({ api, caches }: Ports, s: Snapshot): Promise<void> {
  const secret = caches.secrets
    .by('byCredential', s.credential.metadata.uid)
    .find(({ metadata }) => metadata.uid === s.target?.uid)
  if (secret === undefined) return
  try {
    const { metadata } = await api.patch(Secrets, keyOf(secret), { operations: leftPatch(secret) })
    caches.secrets.remember({ metadata })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
