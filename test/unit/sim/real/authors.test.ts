import { beforeEach, expect, it } from 'vitest'
import { CustomCredentials } from '../../../../src/api/resources.ts'
import { addressOf, Authors } from '../../../sim/real/authors.ts'
import type { StoredChange } from '../../../sim/real/stored.ts'

const ADDRESS = addressOf('customcredentials', 'team-a', 'orders')
let authors: Authors
beforeEach(() => (authors = new Authors()))

const changed = (revision: number, manager: string): StoredChange => {
  const managedFields = [{ manager, time: '2026-01-01T00:00:00Z' }]
  const metadata = { namespace: 'team-a', name: 'orders', uid: 'u', resourceVersion: String(revision), managedFields }
  return { revision, type: 'changed', resource: CustomCredentials, object: { metadata } }
}

it('the author of a change is the operator whose write was answered with its revision', () => {
  authors.wrote(7, 'operator-1')
  expect(authors.of(changed(7, 'kubectl'))).toBe('operator-1')
})

it('a write without an answer may be what a change of unknown author comes from', () => {
  authors.mayHaveWritten(ADDRESS, 'operator-1')
  expect(authors.of(changed(7, 'kubectl'))).toBe('operator-1')
})

it('a write without an answer has had its effect, or none, once a later one was answered', () => {
  authors.mayHaveWritten(ADDRESS, 'operator-1')
  authors.wrote(7, 'operator-2')
  expect(authors.of(changed(7, 'kubectl'))).toBe('operator-2')
  expect(authors.of(changed(8, 'kubectl'))).toBe('kubectl')
})
