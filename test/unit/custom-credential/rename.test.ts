import { describe, expect, it } from 'vitest'
import type { CustomCredential } from '../../../src/api/generated.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import { keyOf } from '../../../src/api/meta.ts'
import { CustomCredentials, Secrets } from '../../../src/api/resources.ts'
import { type Caches, createCaches } from '../../../src/caches.ts'
import { createReconciler } from '../../../src/custom-credential/controller.ts'
import { versionManifest } from '../../../src/custody/versions.ts'
import { StrandedRuns } from '../../../src/secret-task/stranded-runs.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, aProvider, delivered } from '../../support/builders.ts'
import { aCreation, aKit } from '../../support/builders-tasks.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const custodyNamespace = 'custom-credentials-system'
const OLD = 'orders-database'
const version = delivered(1)
const { object } = aCredential()
  .having(version)
  .status({ currentVersion: 1, target: { name: OLD } })
const KEY = keyOf(object)
const { uid } = object.metadata

/** A cluster in which version 1 is delivered to Secret `orders-database`. */
class Cluster {
  readonly api = new FakeApi()
  readonly clock = new FakeClock()

  constructor() {
    const payload = { credentialsId: version.credentialsId, data: { username: 'user-1' } }
    const manifest = versionManifest(custodyNamespace, { id: version.taskId, spec: aCreation(1).object.spec }, payload)
    this.api.put(Secrets, { ...manifest, metadata: { ...manifest.metadata, uid: 'payload', resourceVersion: '1' } })
    this.put(OLD, { [label.credentialUid]: uid, [label.credential]: OLD })
    this.api.put(CustomCredentials, object)
  }

  put(name: string, labels: Record<string, string> = {}): void {
    const annotations = { [annotation.version]: '1', [annotation.credentialsId]: version.credentialsId }
    const metadata = { namespace: 'team-a', name, uid: `uid-of-${name}`, resourceVersion: '1', labels, annotations }
    this.api.put(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data: { username: 'dXNlci0x' } })
  }

  rename(name: string): void {
    const credential = this.credential()
    const generation = (credential.metadata.generation ?? 0) + 1
    const spec = { ...credential.spec, target: { name } }
    this.api.put(CustomCredentials, { ...credential, metadata: { ...credential.metadata, generation }, spec })
  }

  credential(): CustomCredential {
    const credential = this.api.peek(CustomCredentials, KEY)
    if (credential === undefined) throw new Error('it is gone')
    return credential
  }

  /** Names of the Secrets that consumers may read. */
  secrets(): string[] {
    const all = this.api.all(Secrets).filter(({ metadata }) => metadata.namespace === 'team-a')
    return all.map(({ metadata }) => metadata.name).sort()
  }

  /** A new process of the operator, which knows what there is, reconciles until nothing changes or something fails. */
  async settle(): Promise<boolean> {
    const { api, clock } = this
    const { caches } = createCaches({ api, clock, random: seeded(1), logger: silentLogger })
    const ports = {
      api,
      caches,
      clock,
      events: { record: () => undefined },
      custodyNamespace,
      handedOff: () => undefined,
    }
    const reconcile = createReconciler({ ...ports, stranded: new StrandedRuns(clock) })
    for (let round = 0; round < 20; round++) {
      this.#fill(caches, String(1000 + round))
      const before = api.writes.length
      try {
        await reconcile(KEY)
      } catch {
        return false
      }
      if (api.writes.length === before) return true
    }
    throw new Error('it does not come to rest')
  }

  #fill(caches: Caches, at: string): void {
    const ours = this.api.all(Secrets).filter(({ metadata }) => metadata.labels?.[label.credentialUid] !== undefined)
    caches.credentials.replace([this.credential()], at)
    caches.providers.replace([aProvider()], at)
    caches.secrets.replace([...ours, kit], at)
  }
}

const kit = (() => {
  const labels = { [label.credentialUid]: uid, [label.custody]: 'revocation-kit' }
  return { metadata: { namespace: custodyNamespace, name: aKit().name, uid: 'kit', resourceVersion: '1', labels } }
})()

const writes = async (): Promise<number> => {
  const cluster = new Cluster()
  cluster.rename('login')
  await cluster.settle()
  return cluster.api.writes.length
}

describe('a rename of the target Secret', () => {
  it('moves what consumers have, and makes nothing', async () => {
    const cluster = new Cluster()
    cluster.rename('login')
    expect(await cluster.settle()).toBe(true)
    expect(cluster.secrets()).toEqual(['login'])
    expect(cluster.credential().status).toMatchObject({ target: { name: 'login' }, currentVersion: 1 })
    expect(cluster.credential().status.formerTargets).toBeUndefined()
    expect(cluster.api.writes).toEqual([
      `patch customcredentials team-a/${OLD}`,
      'create secrets team-a/login',
      `patch customcredentials team-a/${OLD}`,
      `remove secrets team-a/${OLD}`,
      `patch customcredentials team-a/${OLD}`,
    ])
  })

  it('leaves the former Secret while somebody else has the name', async () => {
    const cluster = new Cluster()
    cluster.put('login')
    cluster.rename('login')
    await cluster.settle()
    expect(cluster.secrets()).toEqual(['login', OLD])
    expect(cluster.credential().status.formerTargets).toEqual([{ name: OLD, uid: `uid-of-${OLD}` }])
  })

  it('leaves a copy that somebody has made, labels and all', async () => {
    const cluster = new Cluster()
    cluster.put('copy', { [label.credentialUid]: uid })
    cluster.rename('login')
    await cluster.settle()
    expect(cluster.secrets()).toEqual(['copy', 'login'])
  })

  it.each(['lost', 'never sent'] as const)(
    'leaves nothing behind though the answer to each of its writes is %s in turn, and it goes on to a third name',
    async (fault) => {
      for (let nth = 1; nth <= (await writes()); nth++) {
        const cluster = new Cluster()
        cluster.rename('login')
        let count = 0
        for (const call of ['create', 'patch', 'remove'] as const) {
          const original = cluster.api[call].bind(cluster.api) as (...given: readonly unknown[]) => Promise<unknown>
          Object.assign(cluster.api, {
            [call]: async (...given: readonly unknown[]) => {
              count += 1
              if (count === nth && fault === 'never sent') throw new Error('the process has died')
              const answer = await original(...given)
              if (count === nth) throw new Error('the process has died')
              return answer
            },
          })
        }
        expect(await cluster.settle(), `write ${nth}`).toBe(false)
        cluster.rename('access')
        expect(await cluster.settle(), `write ${nth}`).toBe(true)
        expect(cluster.secrets(), `write ${nth}`).toEqual(['access'])
        expect(cluster.credential().status.formerTargets).toBeUndefined()
      }
    },
  )
})
