import { type KubeObject, keyOf, type Resource } from '../api/meta.ts'
import { isAlreadyExists, isConflict, isNotFound } from './errors.ts'
import type { DeleteOptions, KubeApi } from './port.ts'
import type { Store } from './store.ts'

/** The kind of an object that is written to, and the cache that is told what has become of it. */
interface Written<T extends KubeObject> {
  readonly api: KubeApi
  readonly resource: Resource<T>
  readonly cache: Pick<Store<T>, 'remember' | 'forget'>
}

/** Adds one finalizer to the object as it was seen: what has changed since is to be judged anew. */
export async function addFinalizer<T extends KubeObject>(
  { api, resource, cache }: Written<T>,
  object: T,
  finalizer: string,
): Promise<void> {
  const { finalizers = [], resourceVersion } = object.metadata
  const operations = [
    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/finalizers', value: [...finalizers, finalizer] },
  ] as const
  cache.remember(await api.patch(resource, keyOf(object), { operations }))
}

/**
 * Removes one finalizer and leaves the others alone. The position is guarded by a test, not by the object's
 * resourceVersion, so that unrelated changes do not stand in the way. Resolves with what is left of the object, or
 * undefined when it is gone; rejects with `Invalid` when the finalizers have changed since the object was read.
 */
export async function removeFinalizer<T extends KubeObject>(
  { api, resource, cache }: Written<T>,
  object: T,
  finalizer: string,
): Promise<T | undefined> {
  const left = await withoutFinalizer(api, resource, object, finalizer)
  // Not left to the watch, which may be silent: the object would be let go of again and again.
  if (left) cache.remember(left)
  else cache.forget(object)
  return left
}

async function withoutFinalizer<T extends KubeObject>(
  api: KubeApi,
  resource: Resource<T>,
  object: T,
  finalizer: string,
): Promise<T | undefined> {
  const index = object.metadata.finalizers?.indexOf(finalizer) ?? -1
  if (index < 0) return object
  const path = `/metadata/finalizers/${index}`
  const operations = [
    { op: 'test', path: '/metadata/uid', value: object.metadata.uid },
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ] as const
  try {
    const left = await api.patch(resource, keyOf(object), { operations })
    return isGone(left) ? undefined : left
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The answer shows an object once more that went as its last finalizer did, and at the version before. */
const isGone = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && !metadata.finalizers?.length

/** Deletes this very object; one that is gone, or another one in its place, is as good. */
export async function removeExactly(api: KubeApi, resource: Resource, object: KubeObject): Promise<void> {
  await removeIf(api, resource, object, { uid: object.metadata.uid })
}

/** The same, unless it has been changed since it was seen. */
export async function removeUnchanged(api: KubeApi, resource: Resource, object: KubeObject): Promise<void> {
  const { uid, resourceVersion } = object.metadata
  await removeIf(api, resource, object, { uid, resourceVersion })
}

async function removeIf(
  api: KubeApi,
  resource: Resource,
  object: KubeObject,
  precondition: DeleteOptions,
): Promise<void> {
  try {
    await api.remove(resource, keyOf(object), precondition)
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error
  }
}

/** The object that was created; undefined where one is there under its name, which is derived from its contents. */
export async function unlessThere<T>(creation: Promise<T>): Promise<T | undefined> {
  try {
    return await creation
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    return undefined
  }
}

/** The object that was created, or the one that is there under its name: read it before you trust it. */
export async function orThere<T>(creation: Promise<T>, read: () => Promise<T>): Promise<T> {
  try {
    return await creation
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    return read()
  }
}
