import type { GatewayAnswer, GatewayRequest } from '../cluster/container.ts'
import type { Scheduler } from '../scheduler.ts'
import type { OperatorProcess } from './operator-process.ts'

interface Route {
  readonly scheduler: Scheduler
  readonly meet: (place: string) => string | undefined
  readonly latency: () => number
  /** The replicas behind the Service. */
  readonly processes: () => readonly OperatorProcess[]
}

/** The request waits so long before it reaches the gateway. */
const LATE_MS = 45_000

/** What a load balancer says that has no replica, or one that did not answer in time. */
const BAD_GATEWAY: GatewayAnswer = { status: 502, body: '<html>Bad Gateway</html>', retryAfterMs: 0 }

/** How a container reaches the task gateway: one of the replicas that are there, over a network that may lose the answer. */
export function gatewayRoute({ scheduler, meet, latency, processes }: Route) {
  // Who leads is mostly the first: the other may know less.
  let turn = 1
  const send = (request: GatewayRequest, fault: string | undefined) =>
    new Promise<GatewayAnswer>((resolve, reject) => {
      const fail = (why: string) => {
        scheduler.after(latency(), 'connection error', () => {
          reject(new Error(why))
        })
      }
      scheduler.after(fault === 'late' ? LATE_MS : latency(), `gateway ${request.method}`, () => {
        const ready = processes().filter(({ life }) => life.alive && !life.paused)
        const replica = ready[turn++ % ready.length]
        if (replica === undefined || fault === 'unreachable') {
          fail('connect ECONNREFUSED')
          return
        }
        replica.life.onEnd(() => {
          fail('socket hang up')
        })
        void ask(replica, request).then((answer) => {
          replica.life.deliver('answer', () => {
            if (fault === 'lost') {
              fail('socket hang up')
              return
            }
            scheduler.after(latency(), 'gateway answer', () => {
              resolve(fault === 'bad gateway' ? BAD_GATEWAY : answer)
            })
          })
        })
      })
    })
  return (request: GatewayRequest): Promise<GatewayAnswer> => {
    const fault = meet(`gateway ${request.method}`)
    // A proxy that sends a request again has the second answer, whichever comes first.
    if (fault === 'twice') void send(request, undefined).catch(() => undefined)
    return send(request, fault)
  }
}

async function ask({ operator }: OperatorProcess, request: GatewayRequest): Promise<GatewayAnswer> {
  const { method, path, token, body } = request
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'simulated', 'content-type': 'application/json' }
  const response = await operator.gateway.app.request(path, { method, headers, ...(method === 'PUT' && { body }) })
  const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000
  return { status: response.status, body: await response.text(), retryAfterMs }
}
