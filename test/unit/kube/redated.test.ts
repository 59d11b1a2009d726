import { expect, it } from 'vitest'
import { Secrets } from '../../../src/api/resources.ts'
import type { KubeObject } from '../../../src/api/meta.ts'
import type { KubeApi } from '../../../src/kube/port.ts'
import { redatedApi } from '../../../src/kube/redated.ts'

const YEAR_MS = 365 * 86_400_000
const KEY = { namespace: 'shop', name: 'orders-db' }

const object = (year: number): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'orders-db',
    uid: 'uid',
    resourceVersion: '7',
    creationTimestamp: `${year}-01-01T00:00:00Z`,
    deletionTimestamp: `${year}-03-01T00:00:00Z`,
    managedFields: [{ manager: 'operator', time: `${year}-02-01T00:00:00Z` }],
  },
})
const dates = ({ metadata }: KubeObject) => [
  metadata.creationTimestamp,
  metadata.managedFields?.[0]?.time,
  metadata.deletionTimestamp,
]
const A_YEAR_LATER = ['2027-01-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z']

/** An API server that answers everything with the same object. */
const server = {
  get: () => Promise.resolve(object(2026)),
  list: () => Promise.resolve({ items: [object(2026)], resourceVersion: '7', continue: 'more' }),
  create: () => Promise.resolve(object(2026)),
  patch: () => Promise.resolve(object(2026)),
  watch: async function* () {
    yield await Promise.resolve({ type: 'MODIFIED', object: object(2026) })
    yield { type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } }
  },
} as unknown as KubeApi

const api = redatedApi(server, (moment) => moment + YEAR_MS)

it.each([
  ['get', () => api.get(Secrets, KEY)],
  ['create', () => api.create(Secrets, object(2026) as never)],
  ['patch', () => api.patch(Secrets, KEY, { operations: [] })],
])('%s answers with the dates of the calendar', async (_, ask) => {
  expect(dates(await ask())).toEqual(A_YEAR_LATER)
})

it('so does a list, which is otherwise as it was', async () => {
  const page = await api.list(Secrets)
  expect(page.items.map(dates)).toEqual([A_YEAR_LATER])
  expect(page).toMatchObject({ resourceVersion: '7', continue: 'more' })
})

it('so does a watch, whose bookmarks have no dates', async () => {
  const told = []
  const { signal } = new AbortController()
  for await (const { type, object } of api.watch(Secrets, { resourceVersion: '7', timeoutSeconds: 60, signal }))
    told.push([type, ...dates(object)])
  expect(told).toEqual([
    ['MODIFIED', ...A_YEAR_LATER],
    ['BOOKMARK', undefined, undefined, undefined],
  ])
})
