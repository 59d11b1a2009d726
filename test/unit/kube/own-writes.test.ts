import { describe, expect, it } from 'vitest'
import { MANAGER } from '../../../src/api/labels.ts'
import { lastOwnWrite, withOwnWrites } from '../../../src/kube/own-writes.ts'

const credential = (managedFields?: readonly object[]) => ({
  metadata: { name: 'db', uid: 'u', resourceVersion: '1', ...(managedFields && { managedFields }) },
})
const ours = (time: string) => ({ manager: MANAGER, operation: 'Update', time, fieldsV1: { 'f:status': {} } })
const theirs = { ...ours('2026-03-01T00:00:00Z'), manager: 'kubectl' }

describe('of when an object was written', () => {
  const { metadata } = withOwnWrites(credential([ours('2026-01-01T00:00:00Z'), theirs, ours('2026-02-01T00:00:00Z')]))

  it('a cache keeps the times of the operator, and no more', () => {
    expect(metadata.managedFields).toEqual([
      { manager: MANAGER, time: '2026-01-01T00:00:00Z' },
      { manager: MANAGER, time: '2026-02-01T00:00:00Z' },
    ])
  })
  it('the last one can be told', () => {
    expect(lastOwnWrite(metadata)).toBe(Date.UTC(2026, 1, 1))
  })
  it('nothing is known where the operator has not written', () => {
    expect(withOwnWrites(credential())).toEqual(credential())
    expect([credential(), credential([theirs])].map(({ metadata }) => lastOwnWrite(metadata))).toEqual([
      -Infinity,
      -Infinity,
    ])
  })
})
