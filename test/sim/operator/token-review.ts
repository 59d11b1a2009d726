import { GATEWAY_AUDIENCE } from '../../../src/api/labels.ts'
import { Pods } from '../../../src/api/resources.ts'
import { tokenOf } from '../cluster/container.ts'
import type { ApiServer } from '../api-server/api-server.ts'

/** Answers a TokenReview as the API server does. */
export function reviewToken<T extends object>(server: ApiServer, body: T): T {
  const { token } = (body as { spec?: { token?: string } }).spec ?? {}
  const pod = server.list(Pods).items.find(({ metadata }) => tokenOf(metadata.uid) === token)
  if (pod === undefined) return { ...body, status: { authenticated: false } }
  const { namespace = '', name, uid } = pod.metadata
  const extra = {
    'authentication.kubernetes.io/pod-name': [name],
    'authentication.kubernetes.io/pod-uid': [uid],
  }
  const user = { username: `system:serviceaccount:${namespace}:default`, extra }
  return { ...body, status: { authenticated: true, audiences: [GATEWAY_AUDIENCE], user } }
}
