import { annotation } from '../../src/api/labels.ts'
import { AuditLog } from '../cluster/index.ts'
import type { Ask } from '../support/ask.ts'
import { answeredAt, isChange, receivedAt, type Tally, tally, timed, type TimedEvent, wasAccepted } from './figures.ts'
import type { Operator } from './operator.ts'
import { DEVELOPER, JOB_CONTROLLER, KUBELET, OPERATOR, PROVIDER, type Stage, until } from './stage.ts'
import type { StandIn } from './stand-in.ts'

/** What a wave of work cost, by the API server's audit log. */
export interface Wave {
  readonly tasks: { readonly create: number; readonly delete: number }
  /** From the first request of the developer to the operator's last write. */
  readonly seconds: number
  readonly operator: Tally
  /** Requests of the stand-in for Job controller and kubelet. */
  readonly standInRequests: number
  /** CPU time of the operator's process. */
  readonly cpuSeconds: number
  readonly events: readonly TimedEvent[]
}

/** An address of a credential. */
export interface Place {
  readonly namespace: string
  readonly name: string
}

/** `count` credentials, spread over the namespaces. */
export const placesFor = ({ namespaces }: Stage, prefix: string, count: number): Place[] =>
  Array.from({ length: count }, (_, index) => ({
    namespace: namespaces[index % namespaces.length] ?? '',
    name: `${prefix}-${index}`,
  }))

const collection = (namespace: string) =>
  `/apis/customcredentials.dev/v1alpha1/namespaces/${namespace}/customcredentials`

/** Declares a credential, as a developer does. */
export const declare =
  (developer: Ask) =>
  async ({ namespace, name }: Place): Promise<void> => {
    await expectAccepted(developer('POST', collection(namespace), { body: aCredential(name) }))
  }

/** Asks for a rotation, as a developer does. */
export const rotate =
  (developer: Ask, request: string) =>
  async ({ namespace, name }: Place): Promise<void> => {
    const body = { metadata: { annotations: { [annotation.rotateRequestedAt]: request } } }
    await expectAccepted(developer('PATCH', `${collection(namespace)}/${name}`, { body }))
  }

export const aCredential = (name: string) => ({
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'CustomCredential',
  metadata: { name },
  spec: { providerRef: { name: PROVIDER }, parameters: { database: 'orders' } },
})

async function expectAccepted(answer: ReturnType<Ask>): Promise<void> {
  const { code, message } = await answer
  if (code >= 300) throw new Error(`the developer’s request was refused: ${message}`)
}

interface Actors {
  readonly stage: Stage
  readonly standIn: StandIn
  readonly operator: Operator
}

/** Has `start` ask for work that takes `tasks` tasks, and waits until the operator has let go of every Job. */
export async function measureWave(
  { stage, standIn, operator }: Actors,
  tasks: number,
  start: () => Promise<unknown>,
): Promise<Wave> {
  const log = new AuditLog(stage.cluster.auditLogPath)
  const [releasedBefore, runsBefore, cpuBefore] = [standIn.released, standIn.runs.length, operator.cpuSeconds()]
  await start()
  await finished(standIn, releasedBefore + tasks)
  const cpuSeconds = operator.cpuSeconds() - cpuBefore
  const events = await settled(log)
  const runs = standIn.runs.slice(runsBefore)
  const create = runs.filter(({ type }) => type === 'create_credentials').length
  return {
    tasks: { create, delete: runs.length - create },
    seconds: secondsOf(events),
    operator: tally(events, OPERATOR),
    standInRequests: events.filter(({ user }) => [JOB_CONTROLLER, KUBELET].includes(user.username)).length,
    cpuSeconds,
    events,
  }
}

/** Rejects when nothing has moved for half a minute. */
async function finished(standIn: StandIn, released: number): Promise<void> {
  while (standIn.released < released) {
    const before = standIn.released
    await until(() => standIn.released > before || standIn.failures.length > 0)
    if (standIn.failures.length > 0) throw standIn.failures[0] as Error
  }
}

/** All events, once the operator has written nothing new for a moment: a status may follow the last release. */
async function settled(log: AuditLog): Promise<TimedEvent[]> {
  let events = timed(log)
  for (let before = -1; before !== events.length;) {
    before = events.length
    await new Promise((resolve) => setTimeout(resolve, 500))
    events = timed(log)
  }
  return events
}

function secondsOf(events: readonly TimedEvent[]): number {
  const by = (name: string) =>
    events.filter((event) => event.user.username === name && isChange(event) && wasAccepted(event))
  const work = by(OPERATOR).filter(({ objectRef }) => !['leases', 'events'].includes(objectRef?.resource ?? ''))
  const first = by(DEVELOPER)
    .map(receivedAt)
    .reduce((a, b) => Math.min(a, b), Infinity)
  const last = work.map(answeredAt).reduce((a, b) => Math.max(a, b), -Infinity)
  return (last - first) / 1000
}

/** Runs `work` for each item, `width` at a time. */
export async function eachOf<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items.values()
  const worker = async () => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
