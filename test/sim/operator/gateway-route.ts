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

/** How a container reaches the task gateway: one of the replicas that are there, over a network that may lose the answer. */
export function gatewayRoute({ scheduler, meet, latency, processes }: Route) {
  let turn = 0
  return (request: GatewayRequest): Promise<GatewayAnswer> =>
    new Promise((resolve, reject) => {
      const fault = meet(`gateway ${request.method}`)
      const fail = (why: string) => {
        scheduler.after(latency(), 'connection error', () => {
          reject(new Error(why))
        })
      }
      if (fault === 'unreachable') {
        fail('connect ECONNREFUSED')
        return
      }
      scheduler.after(latency(), `gateway ${request.method}`, () => {
        const ready = processes().filter(({ life }) => life.alive && !life.paused)
        const replica = ready[turn++ % ready.length]
        if (replica === undefined) {
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
              resolve(answer)
            })
          })
        })
      })
    })
}

async function ask({ operator }: OperatorProcess, request: GatewayRequest): Promise<GatewayAnswer> {
  const { method, path, token, body } = request
  const headers = { authorization: `Bearer ${token}`, 'x-request-id': 'simulated', 'content-type': 'application/json' }
  const response = await operator.gateway.app.request(path, { method, headers, ...(method === 'PUT' && { body }) })
  const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000
  return { status: response.status, body: await response.text(), retryAfterMs }
}
