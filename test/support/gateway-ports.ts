import type { SecretTask } from '../../src/api/generated.ts'
import type { Key, KubeObject } from '../../src/api/meta.ts'
import type { Field } from '../../src/credentials-provider/schema.ts'
import type { Cache, GatewayPorts } from '../../src/gateway/ports.ts'
import type { KubeApi } from '../../src/kube/port.ts'
import { FakeClock } from './fake-clock.ts'
import { silentLogger } from './loggers.ts'
import { CUSTODY } from './task-run.ts'

const outputs: readonly Field[] = [
  { name: 'username', type: 'string', required: true },
  { name: 'port', type: 'integer' },
]

/** A cache of what it is given, however old; what it is to remember it keeps apart. */
export interface TestCache<T> extends Cache<T> {
  readonly remembered: T[]
}

export function cacheOf<T extends KubeObject>(...objects: readonly T[]): TestCache<T> {
  const remembered: T[] = []
  return {
    remembered,
    get: ({ namespace, name }: Key) =>
      objects.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    remember: (object) => remembered.push(object),
  }
}

export interface TestPorts extends GatewayPorts {
  readonly tasks: TestCache<SecretTask>
  readonly custody: TestCache<KubeObject>
  readonly handedOff: [string, Readonly<Record<string, string>>][]
}

/** Ports whose caches are empty unless said otherwise, at 2026-01-01. */
export function testPorts(api: KubeApi, more: Partial<TestPorts> = {}): TestPorts {
  const handedOff: TestPorts['handedOff'] = []
  return {
    api,
    clock: new FakeClock(),
    random: () => 0,
    logger: silentLogger,
    tasks: cacheOf(),
    pods: cacheOf(),
    jobs: cacheOf(),
    custody: cacheOf(),
    custodyNamespace: CUSTODY,
    outputSchema: () => Promise.resolve(outputs),
    handOff: (taskId, data) => handedOff.push([taskId, data]),
    handedOff,
    ...more,
  }
}
