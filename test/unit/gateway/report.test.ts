import { describe, expect, it } from 'vitest'
import { parseReport } from '../../../src/gateway/report.ts'

const parse = (body: unknown) => {
  const { buffer, byteLength } = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
  return parseReport(buffer.slice(0, byteLength))
}

describe('the body of a report', () => {
  it.each<[string, unknown, unknown]>([
    [
      'new credentials',
      { status: 'credentials_created', credentials: { id: 'role-1', payload: { username: 'u' } } },
      { status: 'credentials_created', credentialsId: 'role-1', payload: { username: 'u' } },
    ],
    [
      'new credentials without a payload, whose ID must not get lost',
      { status: 'credentials_created', credentials: { id: 'role-1' } },
      { status: 'credentials_created', credentialsId: 'role-1', payload: undefined },
    ],
    ['a deletion', { status: 'credentials_deleted', extra: 1 }, { status: 'credentials_deleted' }],
    [
      'a failure',
      { status: 'failed', errors: [{ code: 'E1', description: '' }] },
      { status: 'failed', errors: [{ code: 'E1', description: '' }] },
    ],
  ])('is read: %s', (_, body, report) => {
    expect(parse(body)).toEqual(report)
  })

  const withId = (id: unknown) => ({ status: 'credentials_created', credentials: { id, payload: {} } })
  const withErrors = (errors: unknown) => ({ status: 'failed', errors })
  const entry = { code: 'E1', description: 'd' }
  it.each<[string, unknown, string]>([
    ['text', 'SECRET', 'the body is not JSON in UTF-8'],
    ['nothing', '', 'the body is not JSON in UTF-8'],
    ['a list', ['SECRET'], 'status: is missing'],
    ['null', null, 'the report: must be an object whose status is credentials_created, credentials_deleted or failed'],
    [
      'an unknown status',
      { status: 'SECRET' },
      'status: must be an object whose status is credentials_created, credentials_deleted or failed',
    ],
    ['no credentials', { status: 'credentials_created' }, 'credentials: is missing'],
    ['no ID', withId(undefined), 'credentials.id: is missing'],
    [
      'credentials that are text',
      { ...withId(1), credentials: 'SECRET' },
      'credentials: must be an object with id and payload',
    ],
    ['an ID that is a number', withId(7), 'credentials.id: must be a string'],
    ['an empty ID', withId(''), 'credentials.id: must not be empty'],
    ['a long ID', withId('x'.repeat(1025)), 'credentials.id: must be at most 1024 characters long'],
    ['an ID with a line break', withId('a\nSECRET'), 'credentials.id: must have no control characters'],
    ['an ID with half a character', withId('\ud800'), 'credentials.id: must be valid Unicode'],
    ['no errors', withErrors(undefined), 'errors: is missing'],
    ['an empty list of errors', withErrors([]), 'errors: must have at least one entry'],
    ['eleven errors', withErrors(Array(11).fill(entry)), 'errors: must have at most 10 entries'],
    ['an error that is text', withErrors(['SECRET']), 'errors.0: must be an object with code and description'],
    ['an error with half its parts', withErrors([{ code: 'E1' }]), 'errors.0.description: is missing'],
    ['an error without a code', withErrors([{ ...entry, code: '' }]), 'errors.0.code: must not be empty'],
    [
      'an error whose description is a number',
      withErrors([{ ...entry, description: 5 }]),
      'errors.0.description: must be a string',
    ],
  ])('is refused with the reason, and never quoted: %s', (_, body, message) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ code: 'malformed_request', message }) as Error)
  })

  it('is refused if it is not UTF-8, which a password would not survive', () => {
    const bytes = Uint8Array.from([0x22, 0xff, 0x22]).buffer
    expect(() => parseReport(bytes)).toThrow('the body is not JSON in UTF-8')
  })
})
