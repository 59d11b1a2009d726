import { describe, expect, it } from 'vitest'
import { Store, type Change } from '../../../src/kube/store.ts'
import { recordingLogger, silentLogger } from '../../support/loggers.ts'
import { thing, type Thing } from '../../support/things.ts'

const byColor = (object: Thing) => (object.color === undefined ? [] : [object.color])

function aStore() {
  const store = new Store<Thing, 'color'>({ indexers: { color: byColor }, logger: silentLogger })
  const seen: string[] = []
  store.subscribe(({ type, object }: Change<Thing>) => {
    seen.push(`${type} ${object.metadata.uid}@${object.metadata.resourceVersion}`)
  })
  return { store, seen }
}

const a = { namespace: 'ns', name: 'a' }
const versionOf = (store: Store<Thing, 'color'>) => store.get(a)?.metadata.resourceVersion

describe('a store', () => {
  it('is synced by its first list, even an empty one', async () => {
    const { store } = aStore()
    expect(store.synced).toBe(false)
    store.replace([], '5')
    expect(store.synced).toBe(true)
    await expect(store.whenSynced()).resolves.toBeUndefined()
  })

  it('tells a relist as the difference to what it knew', () => {
    const { store, seen } = aStore()
    store.replace([thing('a', 1), thing('b', 2), thing('c', 3)], '3')
    seen.length = 0
    store.replace([thing('a', 1), thing('b', 8), thing('d', 7)], '9')
    expect(seen).toEqual(['deleted uid-c@3', 'changed uid-b@8', 'added uid-d@7'])
  })

  it('rejects a relist from the past, and keeps what it has', () => {
    const { store } = aStore()
    store.replace([thing('a', 10)], '10')
    expect(store.replace([], '9')).toBe(false)
    expect(versionOf(store)).toBe('10')
    expect(store.replace([], '10')).toBe(true)
  })

  it('takes an object of another UID under the same name for a deletion and an addition', () => {
    const { store, seen } = aStore()
    store.replace([thing('a', 1)], '1')
    seen.length = 0
    store.replace([thing('a', 5, { uid: 'other' })], '6')
    store.apply({ type: 'MODIFIED', object: thing('a', 7, { uid: 'third' }) })
    expect(seen).toEqual(['deleted uid-a@1', 'added other@5', 'deleted other@5', 'added third@7'])
  })

  it('ignores events at or below its position', () => {
    const { store, seen } = aStore()
    store.replace([thing('a', 4)], '10')
    seen.length = 0
    store.apply({ type: 'DELETED', object: thing('a', 10) })
    store.apply({ type: 'MODIFIED', object: thing('a', 9) })
    expect(seen).toEqual([])
  })

  it('advances its position by bookmarks', () => {
    const { store } = aStore()
    store.replace([], '10')
    store.apply({ type: 'BOOKMARK', object: thing('', 99) })
    expect(store.resourceVersion).toBe('99')
    expect(store.size).toBe(0)
  })

  it('compares versions as numbers', () => {
    const { store } = aStore()
    store.replace([thing('a', 9)], '9')
    store.apply({ type: 'MODIFIED', object: thing('a', 10) })
    expect(versionOf(store)).toBe('10')
  })

  it('replays what there is to a late subscriber', () => {
    const { store } = aStore()
    store.replace([thing('a', 1)], '1')
    const late: string[] = []
    store.subscribe(({ type }) => late.push(type))
    store.replace([], '2')
    expect(late).toEqual(['added', 'deleted'])
  })

  it('logs a failing handler, and still calls the others', () => {
    const logger = recordingLogger()
    const store = new Store<Thing>({ indexers: {}, logger })
    const seen: string[] = []
    store.subscribe(() => {
      throw new Error('broken')
    })
    store.subscribe(({ type }) => seen.push(type))
    store.replace([thing('a', 1)], '1')
    expect(seen).toEqual(['added'])
    expect(logger.lines).toEqual(['a store handler failed'])
  })

  it('drops managedFields', () => {
    const { store } = aStore()
    const wire = thing('a', 1)
    store.apply({ type: 'ADDED', object: { ...wire, metadata: { ...wire.metadata, managedFields: [{}] } } })
    expect(store.get(a)).toEqual(thing('a', 1))
  })

  it('keeps of a list the very object that it holds already, and else what its options say', () => {
    const slim = ({ metadata }: Thing): Thing => ({ metadata })
    const store = new Store<Thing>({ indexers: {}, logger: silentLogger, slim })
    store.apply({ type: 'ADDED', object: thing('a', 1, { color: 'red' }) })
    expect(store.kept(thing('a', 1, { color: 'red' }))).toBe(store.get(a))
    expect(store.kept(thing('a', 2, { color: 'red' }))).toEqual(thing('a', 2))
    expect(store.kept(thing('a', 1, { uid: 'other', color: 'red' }))).toEqual(thing('a', 1, { uid: 'other' }))
  })
})

describe('an index', () => {
  it('follows additions, changes, replacements and deletions', () => {
    const { store } = aStore()
    const red = () => store.by('color', 'red').map((object) => object.metadata.name)
    store.replace([thing('a', 1, { color: 'red' }), thing('b', 2, { color: 'red' }), thing('c', 3)], '3')
    expect(red()).toEqual(['a', 'b'])
    store.apply({ type: 'MODIFIED', object: thing('a', 4, { color: 'blue' }) })
    expect(red()).toEqual(['b'])
    store.apply({ type: 'DELETED', object: thing('b', 5, { color: 'red' }) })
    expect(red()).toEqual([])
    store.apply({ type: 'ADDED', object: thing('a', 6, { uid: 'other', color: 'red' }) })
    expect(red()).toEqual(['a'])
    expect(store.by('color', 'blue')).toEqual([])
  })
})

describe('read your writes', () => {
  it('shows an own write at once, and never an older echo after it', () => {
    const { store } = aStore()
    store.replace([thing('a', 1)], '1')
    store.remember(thing('a', 8, { color: 'mine' }))
    store.apply({ type: 'MODIFIED', object: thing('a', 5, { color: 'older' }) })
    expect(store.get(a)?.color).toBe('mine')
    store.apply({ type: 'MODIFIED', object: thing('a', 9, { color: 'newer' }) })
    expect(store.get(a)?.color).toBe('newer')
  })

  it('does not repeat a change when its echo comes', () => {
    const { store, seen } = aStore()
    store.replace([], '1')
    store.remember(thing('a', 8))
    store.apply({ type: 'ADDED', object: thing('a', 8) })
    expect(seen).toEqual(['added uid-a@8'])
  })

  it('keeps an own write through a list that is older than it', () => {
    const { store } = aStore()
    store.replace([thing('a', 1)], '1')
    store.remember(thing('a', 8))
    store.remember(thing('b', 9))
    store.replace([thing('a', 3)], '5')
    expect(versionOf(store)).toBe('8')
    expect(store.size).toBe(2)
  })

  it('drops an own write that a later list no longer has', () => {
    const { store } = aStore()
    store.replace([], '1')
    store.remember(thing('a', 8))
    store.replace([], '12')
    expect(store.size).toBe(0)
  })

  it('does not bring an object back whose deletion came before the answer to our write', () => {
    const { store } = aStore()
    store.replace([thing('a', 1)], '1')
    store.apply({ type: 'DELETED', object: thing('a', 9) })
    store.remember(thing('a', 8))
    expect(store.size).toBe(0)
  })

  it('ignores an answer older than what is known', () => {
    const { store } = aStore()
    store.replace([], '1')
    store.apply({ type: 'ADDED', object: thing('a', 9) })
    store.remember(thing('a', 8))
    expect(versionOf(store)).toBe('9')
  })

  it('holds a write that came before the first list', () => {
    const { store } = aStore()
    store.remember(thing('a', 8))
    store.replace([], '5')
    expect(versionOf(store)).toBe('8')
  })

  it('does not take a later incarnation for deleted by the end of an earlier one', () => {
    const { store } = aStore()
    store.replace([thing('a', 1)], '1')
    store.remember(thing('a', 8, { uid: 'next' }))
    store.apply({ type: 'DELETED', object: thing('a', 7) })
    expect(store.get(a)?.metadata.uid).toBe('next')
  })
})

describe('an own deletion', () => {
  it('is not undone by events from before it', () => {
    const { store } = aStore()
    store.replace([thing('a', 1)], '1')
    store.forget(thing('a', 1))
    store.apply({ type: 'MODIFIED', object: thing('a', 5) })
    expect(store.size).toBe(0)
    store.apply({ type: 'DELETED', object: thing('a', 6) })
    store.apply({ type: 'ADDED', object: thing('a', 7, { uid: 'next' }) })
    expect(store.get(a)?.metadata.uid).toBe('next')
  })

  it('is not undone by a list from before it', () => {
    const { store } = aStore()
    store.replace([thing('a', 1)], '1')
    store.forget(thing('a', 1))
    store.replace([thing('a', 4)], '5')
    store.apply({ type: 'MODIFIED', object: thing('a', 6) })
    expect(store.size).toBe(0)
  })

  it('is not undone by a list from before the object was made', () => {
    const { store } = aStore()
    store.replace([], '1')
    store.remember(thing('a', 8))
    store.forget(thing('a', 8))
    store.replace([], '5')
    store.apply({ type: 'ADDED', object: thing('a', 8) })
    expect(store.size).toBe(0)
  })

  it('of an object never seen keeps it from appearing', () => {
    const { store, seen } = aStore()
    store.replace([], '1')
    store.forget(thing('a', 8))
    store.apply({ type: 'ADDED', object: thing('a', 8) })
    expect(seen).toEqual([])
  })

  it('leaves another object of that name alone', () => {
    const { store } = aStore()
    store.replace([thing('a', 5, { uid: 'next' })], '5')
    store.forget(thing('a', 1))
    expect(store.get(a)?.metadata.uid).toBe('next')
  })
})
