import { describe, expect, it } from 'vitest'
import type { UnresolvedCredential } from '../../../src/api/generated.ts'
import { orphanManifest } from '../../../src/orphaned-credential/record.ts'

const UID = '6f1a4f5e-6c3a-4f0e-9d43-0c5d1a7be001'

const owed = (originTaskId: string): UnresolvedCredential => ({
  originTaskId,
  version: 1,
  trigger: 'secret_creation',
  reason: 'OutcomeUnknown',
  since: '2026-01-01T00:00:00.000Z',
  attempts: 0,
  provider: { kind: 'CredentialsProvider', name: 'postgres', uid: 'uid-provider', generation: 1 },
  kit: 'kit-1',
})

const nameOf = (credential: string, task = 'sm-task-1'): string =>
  orphanManifest({ namespace: 'team-a', name: credential, uid: UID }, owed(task)).metadata.name

describe('the tasks of an orphan name as their cause', () => {
  const credential = { namespace: 'team-a', name: 'orders', uid: UID }
  it.each<[string, UnresolvedCredential['reason'], UnresolvedCredential['trigger']]>([
    ['what has had it owed', 'Expired', 'secret_version_expiration'],
    ['a person, where it is left to people', 'Retained', 'secret_version_data_deletion'],
  ])('%s', (_, reason, expected) => {
    const expired = { ...owed('sm-task-1'), trigger: 'secret_version_expiration' as const, reason }
    expect(orphanManifest(credential, expired).spec.trigger).toBe(expected)
  })
})

describe("an orphan's name", () => {
  it.each([1, 26, 27, 63])(
    'fits into a label of its tasks where the credential has a name of %i characters',
    (length) => {
      expect(nameOf('o'.repeat(length))).toMatch(/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/)
    },
  )

  it('begins with the name of the credential, and tells what is owed apart', () => {
    const long = `${'orders'.repeat(10)}-db`
    expect(nameOf('orders-db')).toMatch(/^orders-db-/)
    expect(nameOf(long)).not.toBe(nameOf(long, 'sm-task-2'))
    expect(nameOf(long)).toBe(nameOf(long))
  })
})
