import { describe, expect, it } from 'vitest'
import type { CredentialVersion } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, at, aVersion, delivered } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'

/** Locked, so that its end does not end it. */
const having = (...versions: readonly CredentialVersion[]) =>
  aCredential()
    .spec({ ttl: '100d', locks: [{ name: 'audit', version: 'current' }] })
    .having(...versions)
    .status({ locks: [{ name: 'audit', version: versions[0]?.version ?? 1 }] })
const mortal = (more: Partial<CredentialVersion> = {}) => delivered(1, at(), { expiresAt: at('100d'), ...more })
const decided = (when: string, ...versions: readonly CredentialVersion[]) =>
  decide(
    aSnapshot()
      .of(having(...versions))
      .showing(1)
      .at(after(when)).snapshot,
  )
const told = (when: string, ...versions: readonly CredentialVersion[]) =>
  decided(when, ...versions)
    .stories.filter(({ reason }) => reason === 'AboutToExpire')
    .map(({ type, note }) => `${type}: ${note}`)

describe('the end of a version is told of', () => {
  it.each<[string, string, Partial<CredentialVersion>, readonly string[]]>([
    ['not before its first notice', '9d', {}, []],
    ['90 days before', '10d', {}, [`Normal: Version 1 expires within 90 days, at ${at('100d')}.`]],
    ['once', '10d1h', { noticedDays: 90 }, []],
    [
      'again when the next one is due',
      '40d',
      { noticedDays: 90 },
      [`Normal: Version 1 expires within 60 days, at ${at('100d')}.`],
    ],
    [
      'by the latest alone, where others were missed',
      '95d',
      {},
      [`Normal: Version 1 expires within 10 days, at ${at('100d')}.`],
    ],
    [
      'as a warning on the last day',
      '99d',
      { noticedDays: 10 },
      [`Warning: Version 1 expires within a day, at ${at('100d')}.`],
    ],
    [
      'when it has come',
      '100d',
      { noticedDays: 1 },
      [`Warning: Version 1 has reached the end of its time to live, at ${at('100d')}, and is still in use.`],
    ],
    ['not again when a clock is set back', '40d', { noticedDays: 10 }, []],
    ['not by what is longer than its life', '1h', { expiresAt: at('30d') }, []],
  ])('%s', (_, when, more, expected) => {
    expect(told(when, mortal(more))).toEqual(expected)
  })

  it('when it has come, also where that is the end of the version', () => {
    const free = aCredential()
      .spec({ ttl: '100d' })
      .having(mortal({ noticedDays: 1 }))
    const { stories, wakeAt } = decide(aSnapshot().of(free).showing(1).at(after('100d')).snapshot)
    expect(stories.filter(({ reason }) => reason === 'AboutToExpire')).toEqual([
      {
        type: 'Warning',
        reason: 'AboutToExpire',
        note: `Version 1 has reached the end of its time to live, at ${at('100d')}, and is about to be revoked.`,
      },
    ])
    expect(wakeAt).toBe(Infinity)
  })

  it('for the version that consumers have', () => {
    const newer = aVersion(2, { createdAt: at('20d'), expiresAt: at('120d') })
    expect(decided('10d', mortal()).status.versions?.map(({ noticedDays }) => noticedDays)).toEqual([90])
    expect(told('41d', mortal({ noticedDays: 60 }), newer)).toEqual([
      `Normal: Version 2 expires within 90 days, at ${at('120d')}.`,
    ])
  })

  it('only where it has one', () => {
    expect(told('99d', delivered(1))).toEqual([])
  })

  it('on the day: it is waited for', () => {
    expect(decided('1d', mortal()).wakeAt).toBe(after('10d'))
    expect(decided('10d', mortal({ noticedDays: 90 })).wakeAt).toBe(after('40d'))
  })
})
