import { describe, expect, it } from 'vitest'
import type { CredentialVersion, UnresolvedCredential } from '../../../../src/api/generated.ts'
import { openLedger } from '../../../../src/custom-credential/ledger.ts'
import { inUse, retireAll, retireSuperseded } from '../../../../src/custom-credential/revocation/retire.ts'
import { after, aCredential, at, aVersion, delivered, owedBy, unknownOf } from '../../../support/builders.ts'

const ledgerOf = (versions: readonly CredentialVersion[], unresolved: readonly UnresolvedCredential[] = []) =>
  openLedger(
    aCredential()
      .having(...versions)
      .owing(...unresolved).object.status,
  )

const NOW = after('3d')
const s = { credential: aCredential().object, now: NOW }
const [first, second, third] = [delivered(1, at('1d')), delivered(2, at('2d')), delivered(3, at('3d'))]
const superseded = (version: number, notBefore: string, more: Partial<UnresolvedCredential> = {}) =>
  owedBy(version, { trigger: 'secret_creation', since: at('3d'), notBefore, ...more })

describe('what is superseded', () => {
  type Table = Record<string, [CredentialVersion[], UnresolvedCredential[], UnresolvedCredential[]]>
  const table: Table = {
    'is nothing while there is one version': [[first], [], []],
    'is nothing while there are two: the previous one stays usable': [[first, second], [], []],
    'is the version before the previous one, once the newest is delivered': [
      [first, second, third],
      [],
      [superseded(1, at('2d2h'))],
    ],
    'is nothing while the newest is not delivered (S33)': [[first, second, aVersion(3)], [], []],
    'is every version before the previous one, each after its own successor': [
      [first, second, third, delivered(4, at('3d'))],
      [],
      [superseded(1, at('2d2h')), superseded(2, at('3d2h'))],
    ],
    'is owed once': [[first, second, third], [superseded(1, at('1d'))], [superseded(1, at('1d'))]],
    'does not count what is retiring already': [[first, second, third], [owedBy(2)], [owedBy(2)]],
    'counts versions by number, not by their place in the list': [
      [third, second, first],
      [],
      [superseded(1, at('2d2h'))],
    ],
    'is no version whose credentials a version in use bears (S34)': [
      [{ ...first, credentialsId: 'same' }, { ...second, credentialsId: 'same' }, third],
      [],
      [],
    ],
  }
  it.each(Object.entries(table))('%s', (_, [versions, unresolved, expected]) => {
    const { spec } = aCredential().rotating('1d', '2h').object
    expect(retireSuperseded(ledgerOf(versions, unresolved), spec, NOW).unresolved).toEqual(expected)
  })

  it('goes by the trigger of the rotation that has displaced it, not by its own', () => {
    const newest = { ...third, trigger: 'automatic_secret_rotation' as const }
    const { unresolved } = retireSuperseded(ledgerOf([first, second, newest]), aCredential().object.spec, NOW)
    expect(unresolved).toMatchObject([{ version: 1, trigger: 'automatic_secret_rotation' }])
  })

  it('may go as soon as its successor is delivered where no overlap is asked for', () => {
    const { spec } = aCredential().object
    const { unresolved } = retireSuperseded(ledgerOf([first, second, third]), spec, NOW)
    expect(unresolved).toEqual([superseded(1, at('2d'))])
  })

  it('leaves no trace of a version whose credentials a later one bears', () => {
    const same = [{ ...first, credentialsId: 'same' }, { ...second, credentialsId: 'same' }, third]
    expect(retireSuperseded(ledgerOf(same), aCredential().object.spec, NOW).versions).toEqual(same.slice(1))
  })
})

describe('when the credential is deleted', () => {
  const deleted = (version: number) =>
    owedBy(version, { reason: 'CredentialDeleted', trigger: 'secret_version_data_deletion', since: at('3d') })

  it('every version in use is owed, the one that was never delivered included', () => {
    expect(retireAll(ledgerOf([second, aVersion(3)]), undefined, s).unresolved).toEqual([deleted(2), deleted(3)])
  })

  it('nobody uses what is retiring any more: no overlap is waited for', () => {
    const { unresolved } = retireAll(
      ledgerOf([first], [owedBy(1, { notBefore: at('9d') }), unknownOf(2)]),
      undefined,
      s,
    )
    expect(unresolved).toEqual([owedBy(1), unknownOf(2)])
  })

  it('a failed deletion still waits for its next try', () => {
    const waiting = owedBy(1, { attempts: 3, nextAttemptTime: at('4d') })
    expect(retireAll(ledgerOf([first], [waiting]), undefined, s).unresolved).toEqual([waiting])
  })
})

describe('a version whose run had a second pod', () => {
  const doubled = { ...first, startedTwice: true }
  const find = (owed: UnresolvedCredential): UnresolvedCredential => {
    const { credentialsId: _known, ...rest } = owed
    return { ...rest, reason: 'OutcomeUnknown' }
  }
  const retired = (versions: readonly CredentialVersion[], unresolved?: readonly UnresolvedCredential[]) =>
    retireSuperseded(ledgerOf(versions, unresolved), aCredential().rotating('1d', '2h').object.spec, NOW).unresolved

  it('is looked for besides when it is superseded, and not before its overlap ends', () => {
    const owed = superseded(1, at('2d2h'))
    expect(retired([doubled, second, third])).toEqual([owed, find(owed)])
  })

  it('is looked for besides though it was known too late, after its own deletion had been tried', () => {
    const owed = superseded(1, at('2d2h'), { attempts: 2, nextAttemptTime: at('4d') })
    expect(retired([doubled, second, third], [owed])).toEqual([owed, find(superseded(1, at('2d2h')))])
  })

  it('is not looked for while it is in use, nor where a version in use bears its credentials', () => {
    expect(retired([doubled, second])).toEqual([])
    expect(retired([{ ...doubled, credentialsId: 'same' }, { ...second, credentialsId: 'same' }, third])).toEqual([])
  })

  it('is looked for besides when the credential is deleted', () => {
    const all = retireAll(ledgerOf([doubled]), undefined, s).unresolved
    expect(all).toHaveLength(2)
    expect(all.map(({ credentialsId }) => credentialsId)).toEqual([first.credentialsId, undefined])
  })
})

describe('a version', () => {
  it.each<[string, UnresolvedCredential, boolean]>([
    ['is retiring if its credentials are owed a deletion', owedBy(1), false],
    ['is retiring if whatever its run made is to be found and deleted', unknownOf(1), false],
    ['is in use though other credentials of its run are owed', owedBy(1, { credentialsId: 'other' }), true],
    ['is in use though the same ID of another run is owed', owedBy(2, { credentialsId: 'role-1' }), true],
  ])('%s', (_, owed, expected) => {
    expect(inUse(ledgerOf([first], [owed])).length === 1).toBe(expected)
  })
})
