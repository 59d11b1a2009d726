import { describe, expect, it } from 'vitest'
import { finalizer } from '../../../src/api/labels.ts'
import { type Plain, PROVIDER_REASONS, type ProviderReason } from '../../../src/credentials-provider/reasons.ts'
import { revokingOf } from '../../../src/credentials-provider/revoking.ts'
import { statusOf, verdictOf } from '../../../src/credentials-provider/status.ts'
import { deletionOf } from '../../../src/credentials-provider/use.ts'
import { aCredential, after, aProvider, at, delivered } from '../../support/builders.ts'

const provider = aProvider()
const { metadata } = provider
const leaving = { ...provider, metadata: { ...metadata, finalizers: [finalizer.inUse], deletionTimestamp: at() } }
const leaked = aProvider({ revokeIssuedBefore: at('1h') })
const credentials = [aCredential().having(delivered(1)).object]

interface Found {
  readonly verdict?: ReturnType<typeof verdictOf>
  readonly deletion?: readonly Plain[]
  readonly revoking?: Plain | undefined
}

/** A situation for each: the type leaves none out. */
const REACHED: Readonly<Record<ProviderReason, Found>> = {
  Accepted: {},
  Rejected: { verdict: verdictOf('spec.template: no') },
  Deleting: { deletion: deletionOf(leaving, ['team-a/orders']) },
  MomentToCome: { revoking: revokingOf(leaked, { credentials, orphans: [], now: after('30m') }).condition },
  IssuedBefore: { revoking: revokingOf(leaked, { credentials, orphans: [], now: after('2h') }).condition },
  NoneLeft: { revoking: revokingOf(leaked, { credentials: [], orphans: [], now: after('2h') }).condition },
}

describe("each reason of a provider's condition", () => {
  it.each(Object.entries(REACHED))('%s is reached, in the conditions that the README tells', (reason, found) => {
    const { verdict = verdictOf(undefined), deletion = [], revoking } = found
    const { conditions = [] } = statusOf(provider, { verdict, deletion, revoking }, after())
    const types = conditions.filter((condition) => condition.reason === reason).map(({ type }) => type)
    expect(types.sort()).toEqual([...PROVIDER_REASONS[reason as ProviderReason].conditions].sort())
  })

  it('leaves room for what comes next, however much there is to correct', () => {
    expect(verdictOf('x'.repeat(10_000)).message).toMatch(/^x{4000} It is checked again every minute\.$/)
  })
})
