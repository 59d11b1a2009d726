import type { KubeApi } from './port.ts'

/** This process is no longer the leader, or may not be: whatever it was about to write is another's to decide. */
export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost'

  constructor() {
    super('leadership was lost')
  }
}

/**
 * Lets writes pass only while `leading()`, asked at the moment of sending; reads, reviews and dry runs pass always. A
 * process that was frozen for longer than its lease may wake up in the middle of a reconcile: the timer that would tell
 * it has not fired yet, but the clock knows.
 */
export function fencedApi(api: KubeApi, leading: () => boolean): KubeApi {
  const fenced = <T>(write: () => Promise<T>): Promise<T> =>
    leading() ? write() : Promise.reject(new LeadershipLost())
  return {
    get: (resource, key, signal) => api.get(resource, key, signal),
    list: (resource, options) => api.list(resource, options),
    watch: (resource, options) => api.watch(resource, options),
    review: (resource, body) => api.review(resource, body),
    create: (resource, manifest, options) =>
      options?.dryRun === true
        ? api.create(resource, manifest, options)
        : fenced(() => api.create(resource, manifest, options)),
    patch: (resource, key, patch, options) =>
      options?.dryRun === true
        ? api.patch(resource, key, patch, options)
        : fenced(() => api.patch(resource, key, patch, options)),
    remove: (resource, key, options) => fenced(() => api.remove(resource, key, options)),
  }
}
