import { GATEWAY_AUDIENCE } from '../api/labels.ts'
import type { KubeObject, Resource } from '../api/meta.ts'
import type { KubeApi } from '../kube/port.ts'
import { Fifo } from '../runtime/fifo.ts'
import { Failure } from './errors.ts'

/** A pod that has proven who it is. */
export interface Caller {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

interface User {
  readonly username?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

interface TokenReview extends KubeObject {
  readonly status?: { readonly authenticated?: boolean; readonly audiences?: readonly string[]; readonly user?: User }
}

export const TokenReviews: Resource<TokenReview> = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  namespaced: false,
}

/**
 * The pod that a bearer token is bound to, by the API server's review. Throws a `Failure`: 401 where the token is none for
 * our audience, 403 where it is one but bound to no pod. The token appears in no message.
 */
export async function authenticate(api: KubeApi, authorization = ''): Promise<Caller> {
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  if (token === undefined)
    throw new Failure('invalid_token', 'send the token of the task: Authorization: Bearer <token>')
  const user = await reviewed(api, token)
  if (user === undefined) {
    throw new Failure('invalid_token', `the token is not valid for the audience ${GATEWAY_AUDIENCE}, or has expired`)
  }
  const caller = boundPod(user)
  if (caller === undefined) throw new Failure('not_your_task', 'the token is not bound to a pod')
  return caller
}

async function reviewed(api: KubeApi, token: string): Promise<User | undefined> {
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token, audiences: [GATEWAY_AUDIENCE] },
  }
  const { status }: Pick<TokenReview, 'status'> = await turnsOf(api).take(() =>
    api.review<object>(TokenReviews, request),
  )
  // A server that knows nothing of audiences answers without one: its verdict is about another use of the token.
  const ours = status?.authenticated === true && status.audiences?.includes(GATEWAY_AUDIENCE) === true
  return ours ? status.user : undefined
}

function boundPod({ username = '', extra = {} }: User): Caller | undefined {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(username)?.[1]
  const name = extra['authentication.kubernetes.io/pod-name']?.[0]
  const uid = extra['authentication.kubernetes.io/pod-uid']?.[0]
  if (namespace === undefined || name === undefined || uid === undefined) return undefined
  return { namespace, name, uid }
}

/** Strangers can ask for reviews: the API server, and the connections to it, are not theirs to use up. */
const MAX_REVIEWS = 64
/** As many as there can be connections. Beyond that it is certain that some who wait have gone. */
const MAX_WAITING = 1024

/** Lets so many work at a time; the rest waits, in order. */
class Turns {
  #taken = 0
  readonly #waiting = new Fifo<() => void>()

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#taken < MAX_REVIEWS) this.#taken += 1
    else await this.#turn()
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The turn is handed on, so that nobody who comes later is served before.
      if (next) next()
      else this.#taken -= 1
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.size >= MAX_WAITING) {
      throw new Failure('unavailable', 'there are too many requests now: send it again', 5)
    }
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }
}

const turns = new WeakMap<KubeApi, Turns>()

function turnsOf(api: KubeApi): Turns {
  const known = turns.get(api) ?? new Turns()
  turns.set(api, known)
  return known
}
