import { beforeEach, describe, expect, it } from 'vitest'
import type { PinnedProvider } from '../../../src/api/generated.ts'
import { type Caches, createCaches } from '../../../src/caches.ts'
import { holdersOf, orphansOf } from '../../../src/custom-credential/holders.ts'
import { seeded } from '../../sim/random.ts'
import { aCredential, aVersion, owedBy, pinned } from '../../support/builders.ts'
import { anOrphan } from '../../support/builders-snapshot.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { silentLogger } from '../../support/loggers.ts'

const wanted = { credentialsId: 'app', provider: pinned, namespace: 'team-a' }
const clusterWide: PinnedProvider = { ...pinned, kind: 'ClusterCredentialsProvider' }
let caches: Caches

beforeEach(() => {
  caches = createCaches({ api: new FakeApi(), clock: new FakeClock(), random: seeded(1), logger: silentLogger }).caches
})

interface Case {
  readonly provider?: PinnedProvider
  readonly namespace?: string
  readonly credentialsId?: string
}

const isHeld = ({ provider = pinned, namespace = 'team-a', credentialsId = 'app' }: Case, of: Case = {}) => {
  const version = aVersion(1, { credentialsId, provider })
  caches.credentials.replace([aCredential().metadata({ namespace }).having(version).object], '1')
  return holdersOf(caches, { ...wanted, ...of }, ({ status }) => status.versions ?? []).length > 0
}

const isOrphaned = ({ provider = pinned, namespace = 'team-a', credentialsId = 'app' }: Case, of: Case = {}) => {
  const orphan = anOrphan(owedBy(1, { credentialsId, provider }))
  const credential = { ...orphan.spec.credential, namespace }
  caches.orphans.replace([{ ...orphan, spec: { ...orphan.spec, credential } }], '1')
  return orphansOf(caches, { ...wanted, ...of }).length > 0
}

describe.each([
  ['a version', isHeld],
  ['an orphan', isOrphaned],
])('%s is about the same credentials', (_, isAbout) => {
  it.each<[string, Case, Case?]>([
    ['by their ID and the name of their provider', {}],
    ['though the provider was made anew under its name', { provider: { ...pinned, uid: 'another' } }],
    [
      'in any namespace, where the provider is the cluster’s',
      { provider: clusterWide, namespace: 'team-b' },
      { provider: clusterWide },
    ],
  ])('%s', (_case, there, of) => {
    expect(isAbout(there, of)).toBe(true)
  })

  it.each<[string, Case]>([
    ['under another ID', { credentialsId: 'app_2' }],
    ['of a provider of another name', { provider: { ...pinned, name: 'mysql' } }],
    ['of a provider of another kind', { provider: clusterWide }],
    ['of another namespace’s provider of that name', { namespace: 'team-b' }],
  ])('but not %s', (_case, there) => {
    expect(isAbout(there)).toBe(false)
  })
})

it('what an object owes a deletion can be asked for as well', () => {
  const owed = owedBy(1, { credentialsId: 'app' })
  caches.credentials.replace([aCredential().status({ unresolved: [owed] }).object], '1')
  const inVersions = holdersOf(caches, wanted, ({ status }) => status.versions ?? [])
  const inDebts = holdersOf(caches, wanted, ({ status }) => status.unresolved ?? [])
  expect([inVersions.length, inDebts.length]).toEqual([0, 1])
})
