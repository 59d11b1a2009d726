import { beforeEach, describe, expect, it } from 'vitest'
import { annotation, label } from '../../../../src/api/labels.ts'
import { Secrets } from '../../../../src/api/resources.ts'
import { createCaches } from '../../../../src/caches.ts'
import { leaveTarget } from '../../../../src/custom-credential/effects/leave-target.ts'
import { seeded } from '../../../sim/random.ts'
import { aCredential } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'

const KEY = { namespace: 'team-a', name: 'orders-database' }
const { snapshot } = aSnapshot().of(aCredential().deleted()).showing(1)

let ports: ReturnType<typeof setUp>

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  caches.secrets.replace([], '1')
  const labels = {
    [label.managedBy]: 'custom-credentials-operator',
    [label.credentialUid]: aCredential().object.metadata.uid,
  }
  const annotations = { [annotation.version]: '1', [annotation.rendition]: 'a hash', 'example.com/owner': 'team-a' }
  const metadata = {
    ...KEY,
    uid: 'target-uid',
    resourceVersion: '1',
    labels: { ...labels, app: 'orders' },
    annotations,
  }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, data: { username: 'bWluZQ==' } }
  caches.secrets.remember(api.put(Secrets, secret))
  return { api, caches, events: { record: () => undefined }, custodyNamespace: 'custody', handedOff: () => undefined }
}

beforeEach(() => {
  ports = setUp()
})

describe('a target Secret that is left', () => {
  it('keeps its keys and what others have put on it, and nothing of ours, in one write', async () => {
    await leaveTarget(ports, snapshot)
    expect(ports.api.peek(Secrets, KEY)).toMatchObject({
      data: { username: 'bWluZQ==' },
      metadata: { labels: { app: 'orders' }, annotations: { 'example.com/owner': 'team-a' } },
    })
    expect(Object.keys(ports.api.peek(Secrets, KEY)?.metadata.annotations ?? {})).toEqual(['example.com/owner'])
    expect(ports.api.writes).toEqual(['patch secrets team-a/orders-database'])
  })

  it('is nobody’s to the next try, as where it is gone', async () => {
    await leaveTarget(ports, snapshot)
    await leaveTarget(ports, snapshot)
    expect(ports.api.writes).toHaveLength(1)
    ports = setUp()
    ports.api.drop(Secrets, KEY)
    await expect(leaveTarget(ports, snapshot)).resolves.toBeUndefined()
  })

  it('that somebody has written meanwhile is looked at again', async () => {
    ports.api.meet('patch secrets', () => {
      const secret = ports.api.peek(Secrets, KEY)
      if (secret) ports.api.put(Secrets, secret)
    })
    await expect(leaveTarget(ports, snapshot)).rejects.toThrow('has been modified')
  })
})
