import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MANAGER } from '../../../src/api/labels.ts'
import { decide } from '../../../src/custom-credential/decide.ts'
import { type Ledger, openLedger } from '../../../src/custom-credential/ledger.ts'
import { withPossibleDates } from '../../../src/custom-credential/possible-dates.ts'
import { aCredential, after, at, type CredentialBuilder, delivered, owedBy, START } from '../../support/builders.ts'
import { aSnapshot } from '../../support/builders-snapshot.ts'

/** The operator has written the status last at this time, by the API server's clock. */
const written = (credential: CredentialBuilder, when: string): CredentialBuilder =>
  credential.metadata({ managedFields: [{ manager: MANAGER, time: at(when) }] })
const seen = (credential: CredentialBuilder, now: string) => aSnapshot().of(credential).at(after(now)).snapshot
const datesOf = ({ versions = [], unresolved = [] }: Partial<Ledger>) => ({
  versions: versions.map(({ createdAt, deliveredAt, expiresAt }) => [createdAt, deliveredAt, expiresAt]),
  owed: unresolved.map(({ since, notBefore }) => [since, notBefore]),
})

const made = (version: number, noted: string, end: string) =>
  delivered(version, at(noted), { issuedAfter: at('30d'), expiresAt: at(end) })
/** On the 30th day two rotations have followed each other while the clock was ten years ahead. */
const ahead = aCredential()
  .rotating('30d', '1d')
  .having(delivered(1), made(2, '3680d', '3770d'), made(3, '3680d', '3770d'))
  .owing(owedBy(1, { since: at('3680d'), notBefore: at('3681d') }))
const wrong = written(ahead, '30d')

describe('a clock that was ahead and is right again', () => {
  const { status, wakeAt } = decide(aSnapshot().of(wrong).showing(3).at(after('30d2h')).snapshot)

  it('has noted nothing later than the write that the API server has dated', () => {
    const brought = [at('30d'), at('30d'), at('120d')]
    const { versions } = datesOf(status)
    expect({ versions, owed: datesOf(status).owed }).toEqual({
      versions: [[at(), at(), undefined], brought, brought],
      owed: [[at('30d'), at('31d')]],
    })
  })

  it('holds up neither rotation, nor expiry, nor revocation', () => {
    expect(status).toMatchObject({ nextRotationTime: at('60d'), expirationTime: at('120d') })
    expect(wakeAt).toBe(after('31d'))
  })

  it('leaves nothing to correct once that is written', () => {
    const corrected = written(aCredential().rotating('30d', '1d').status(status), '30d2h')
    expect(datesOf(decide(seen(corrected, '30d2h')).status)).toEqual(datesOf(status))
  })

  it('holds up no rotation that somebody had called off', () => {
    const nextVersion = { number: 4, attempts: 1, failures: 1, cancelledAt: at('3680d') }
    const cancelled = written(ahead.status({ ...ahead.object.status, nextVersion }), '30d')
    expect(decide(seen(cancelled, '30d2h')).status.nextRotationTime).toBe(at('60d'))
  })
})

describe('the dates of a status stay as they are', () => {
  const right = aCredential()
    .rotating('30d', '1d')
    .having(delivered(1), made(2, '30d', '120d'), made(3, '35d', '125d'))
    .owing(owedBy(1, { since: at('35d'), notBefore: at('36d') }))
  it.each<[string, CredentialBuilder, string]>([
    ['while our clock is behind by a day: they are no later than their write', written(right, '35d'), '34d'],
    ['while the clock stays ahead by which overlaps are reckoned', wrong, '3680d'],
    ['where they are ahead by no more than clocks may differ', written(right, '34d23h59m'), '34d'],
    [
      'where the API server has dated a run as late',
      written(aCredential().having(delivered(1, at('35d'))), '29d'),
      '29d',
    ],
    ['where nobody knows when they were written', ahead, '30d2h'],
  ])('%s', (_, credential, now) => {
    const opened = openLedger(credential.object.status)
    expect(withPossibleDates(opened, seen(credential, now))).toEqual(opened)
  })
})

it('whatever clocks say, no date that the API server bears out is changed, and none beyond it and now is left', () => {
  const moment = fc.integer({ min: 0, max: 4000 })
  fc.assert(
    fc.property(moment, moment, moment, moment, (noted, wrote, issued, today) => {
      const credential = written(
        aCredential()
          .having(delivered(1, at(`${noted}d`), { issuedAfter: at(`${issued}d`), expiresAt: at(`${noted + 90}d`) }))
          .owing(owedBy(2, { since: at(`${noted}d`), notBefore: at(`${noted + 1}d`) })),
        `${wrote}d`,
      )
      const snapshot = seen(credential, `${today}d`)
      const once = withPossibleDates(openLedger(credential.object.status), snapshot)
      expect(withPossibleDates(once, snapshot)).toEqual(once)
      const latest = Math.max(wrote, issued)
      const day = noted <= Math.max(latest, today) ? noted : latest
      const dates = [day, day, day + 90].map((days) => new Date(START + days * 86_400_000).toISOString())
      expect(datesOf(once).versions).toEqual([dates])
      expect(datesOf(once).owed).toEqual([[at(`${day}d`), at(`${day + 1}d`)]])
    }),
  )
})
