import { beforeEach, describe, expect, it } from 'vitest'
import { annotation, label } from '../../../../src/api/labels.ts'
import { Secrets } from '../../../../src/api/resources.ts'
import { createCaches } from '../../../../src/caches.ts'
import { removeFormer } from '../../../../src/custom-credential/effects/remove-former.ts'
import { seeded } from '../../../sim/random.ts'
import { aCredential, after, delivered } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { FakeApi } from '../../../support/fake-api.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { silentLogger } from '../../../support/loggers.ts'
import { REFUSALS } from '../../../support/refusals.ts'

const former = { name: 'former', uid: 'former-uid' }
const credential = aCredential()
  .having(delivered(1))
  .status({ formerTargets: [former] })
const { uid } = credential.object.metadata
const ours = { [label.credentialUid]: uid }

let ports: ReturnType<typeof setUp>

function setUp() {
  const api = new FakeApi()
  const { caches } = createCaches({ api, clock: new FakeClock(), random: seeded(1), logger: silentLogger })
  caches.secrets.replace([], '1')
  return { api, caches, events: { record: () => undefined }, custodyNamespace: 'custody', handedOff: () => undefined }
}

function put(name: string, { id = `${name}-uid`, labels = ours, version = 1 } = {}): void {
  const annotations = { [annotation.version]: String(version) }
  const metadata = { namespace: 'team-a', name, uid: id, resourceVersion: '1', labels, annotations }
  ports.caches.secrets.remember(ports.api.put(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata }))
}

beforeEach(() => {
  ports = setUp()
  put('orders-database')
})

const { snapshot } = aSnapshot().of(credential)
const remove = (once: number | undefined = 1, s = snapshot) =>
  removeFormer(ports, s, { kind: 'removeFormer', former, once })
const names = () => ports.api.all(Secrets).map(({ metadata }) => metadata.name)

describe('a former target', () => {
  it('is removed, and not known any more', async () => {
    put('former')
    expect(await remove()).toBeUndefined()
    expect(names()).toEqual(['orders-database'])
    expect(ports.caches.secrets.list()).toHaveLength(1)
  })

  it('that is gone is removed', async () => {
    expect(await remove()).toBeUndefined()
    expect(ports.api.writes).toEqual([])
  })

  it.each([
    ['somebody has made anew, with our labels', { id: 'another' }],
    ['somebody has taken over', { labels: {} as typeof ours }],
  ])('that %s is left alone', async (_, secret) => {
    put('former', secret)
    expect(await remove()).toBeUndefined()
    expect(names()).toContain('former')
    expect(ports.api.writes).toEqual([])
  })

  it('that was written since it was looked at is looked at again', async () => {
    put('former')
    ports.api.meet('remove secrets', () => {
      put('former')
    })
    await expect(remove()).rejects.toThrow('has been changed')
    expect(names()).toContain('former')
  })

  it.each([
    [
      'is gone',
      () => {
        ports.api.drop(Secrets, { namespace: 'team-a', name: 'orders-database' })
      },
    ],
    [
      'shows another version',
      () => {
        put('orders-database', { version: 2 })
      },
    ],
    [
      'is somebody else’s',
      () => {
        put('orders-database', { labels: {} as typeof ours })
      },
    ],
  ])('stays where the target %s, whatever the caches say', async (_, happen) => {
    put('former')
    happen()
    await expect(remove()).rejects.toThrow('does not show version 1')
    expect(names()).toContain('former')
  })

  it.each(REFUSALS)(
    'that is refused to be removed (%i) is told, later each time, till it is gone',
    async (_, refusal) => {
      put('former')
      let s = snapshot
      for (const [tries, retryAt] of [
        [1, after('10s')],
        [2, after('20s')],
      ] as const) {
        ports.api.meet('remove secrets', refusal)
        const trouble = await remove(1, s)
        expect(trouble?.removals).toMatchObject([{ uid: 'former-uid', tries, retryAt }])
        expect(trouble?.removals?.[0]?.message).toContain(
          'Secret "former", a former target, cannot be removed: denied by',
        )
        s = { ...s, trouble: trouble ?? {} }
      }
      expect(await remove(1, s)).toEqual({})
    },
  )

  it.each(REFUSALS)('holds up the farewell of its credential where it cannot be removed (%i)', async (_, refusal) => {
    put('former')
    ports.api.meet('remove secrets', refusal)
    await expect(removeFormer(ports, snapshot, { kind: 'removeFormer', former })).rejects.toThrow('denied')
  })
})
