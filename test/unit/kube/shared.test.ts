import { describe, expect, it } from 'vitest'
import { Shared } from '../../../src/kube/shared.ts'

describe('what is equal and held once', () => {
  it('changes nothing that can be told of an object, however deep', () => {
    const object = () => ({ name: 'a', list: ['a', { b: 'a' }, null, undefined, 1, true], none: null, empty: {} })
    const given = object()
    expect(new Shared().texts(given)).toBe(given)
    expect(given).toEqual(object())
  })

  it('has one object stand for all that say the same, and for no other', () => {
    const shared = new Shared()
    const first = shared.value({ name: 'a', generation: 1 })
    expect(shared.value({ name: 'a', generation: 1 })).toBe(first)
    expect(shared.value({ name: 'a', generation: 2 })).toEqual({ name: 'a', generation: 2 })
  })

  it('does not remember more and more', () => {
    const shared = new Shared()
    const first = shared.value({ name: 'a' })
    for (let n = 0; n < 50_000; n++) shared.value({ n })
    expect(shared.value({ name: 'a' })).not.toBe(first)
  })
})
