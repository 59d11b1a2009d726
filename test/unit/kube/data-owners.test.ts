import { describe, expect, it } from 'vitest'
import { dataKeys, withDataOwners } from '../../../src/kube/data-owners.ts'

const entry = (manager: string, ...keys: readonly string[]) => ({
  manager,
  operation: 'Update',
  fieldsV1: {
    'f:metadata': { 'f:labels': {} },
    'f:data': { '.': {}, ...Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
  },
})
const secret = (managedFields?: readonly object[]) => ({
  metadata: { name: 'db', uid: 'u', resourceVersion: '1', ...(managedFields && { managedFields }) },
})
const ours = entry('operator', 'user', 'host')
const theirs = entry('kubectl-edit', 'password')

describe('of who has written what', () => {
  it('a cache keeps the owners of data, and no more', () => {
    const { metadata } = withDataOwners(secret([ours, { manager: 'someone', fieldsV1: { 'f:metadata': {} } }]))
    expect(metadata.managedFields).toEqual([{ manager: 'operator', fieldsV1: { 'f:data': ours.fieldsV1['f:data'] } }])
  })
  it('an object that says nothing stays as it is', () => {
    expect(withDataOwners(secret())).toEqual(secret())
    expect(dataKeys(secret().metadata)).toBeUndefined()
  })
  it('the keys of one writer can be told, and those of all', () => {
    const { metadata } = withDataOwners(secret([ours, theirs]))
    expect(dataKeys(metadata, 'operator')).toEqual(['user', 'host'])
    expect(dataKeys(metadata)).toEqual(['user', 'host', 'password'])
  })
})
