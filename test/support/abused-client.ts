/**
 * A process that does what the operator does with the API server (an informer, the lease, events) at two hundred times
 * the speed. Runs until its cache shows an object named `final`, then stops everything and must end by itself.
 */
import { createKubeApi } from '../../src/kube/client.ts'
import { inCluster } from '../../src/kube/credentials.ts'
import { createEventRecorder } from '../../src/kube/events.ts'
import { createInformer } from '../../src/kube/informer.ts'
import { createLeaderElector } from '../../src/kube/lease.ts'
import { sleep, type Clock } from '../../src/runtime/clock.ts'
import { systemClock, systemRandom } from '../../src/runtime/system-clock.ts'
import { silentLogger } from './loggers.ts'
import { things, type Thing } from './things.ts'

const speed = 200
const clock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * speed,
  after: (ms, callback) => systemClock.after(ms / speed, callback),
}

const [host = '', port = '', directory = ''] = process.argv.slice(2)
const api = createKubeApi({ access: inCluster({ host, port, directory, clock }), clock, version: '0' })
const common = { api, clock, random: systemRandom, logger: silentLogger }
const stop = new AbortController()

const informer = createInformer<Thing>({ ...common, resource: things, indexers: {} })
const events = createEventRecorder({ ...common, controller: 'test', instance: 'test' })
const regarding = { apiVersion: 'test.dev/v1', kind: 'Thing', namespace: 'ns', name: 'a', uid: 'a' }

informer.store.subscribe(({ type, object }) => {
  events.record({ regarding, type: 'Normal', reason: type, action: 'Watch', note: object.metadata.resourceVersion })
  if (object.metadata.name === 'final') stop.abort()
})

async function campaign() {
  while (!stop.signal.aborted) {
    const elector = createLeaderElector({ ...common, namespace: 'ns', name: 'leader', identity: String(clock.now()) })
    const work = (leadership: AbortSignal) => sleep(clock, 1e9, AbortSignal.any([leadership, stop.signal]))
    await elector.run(stop.signal, (leadership) => work(leadership).catch(() => undefined)).catch(() => undefined)
  }
}

await Promise.all([informer.start(stop.signal), campaign()])
await events.flush()
api.close()
process.stdout.write(`in step with ${informer.store.list().length} objects\n`)
