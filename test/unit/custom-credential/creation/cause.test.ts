import { describe, expect, it } from 'vitest'
import type { TaskTrigger } from '../../../../src/api/generated.ts'
import { causeOfCreation, UNRESOLVED_LIMIT } from '../../../../src/custom-credential/creation/cause.ts'
import { openLedger } from '../../../../src/custom-credential/ledger.ts'
import {
  aCredential,
  after,
  at,
  aVersion,
  type CredentialBuilder,
  delivered,
  owedBy,
  unknownOf,
} from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'

const cause = (credential: CredentialBuilder, now = after('1d'), handled?: string): TaskTrigger | undefined => {
  const { snapshot } = aSnapshot().of(credential).at(now)
  return causeOfCreation(snapshot, openLedger(credential.object.status), handled)
}

const sound = aCredential().having(delivered(1))
const suspect = { suspect: 'its container failed' }
const many = (count: number) => Array.from({ length: count }, (_, index) => unknownOf(index + 10))

describe('a new version is due', () => {
  const table: Record<string, [TaskTrigger | undefined, TaskTrigger | undefined]> = {
    'when there is none': [cause(aCredential()), 'secret_creation'],
    'when all that there were are retiring': [cause(sound.owing(owedBy(1, { reason: 'Suspect' }))), 'secret_creation'],
    'not by itself': [cause(sound), undefined],
    'when its interval has passed': [cause(sound.rotating('1d')), 'automatic_secret_rotation'],
    'not a moment before': [cause(sound.rotating('1d'), after('1d') - 1), undefined],
    'once, however long the operator was away (S29)': [
      cause(
        aCredential()
          .rotating('1d')
          .having(delivered(1), delivered(2, at('30d'))),
        after('30d'),
      ),
      undefined,
    ],
    'when somebody asks for it': [cause(sound.asking('now')), 'manual_secret_rotation'],
    'when somebody asks again': [cause(sound.asking('now'), after('1d'), 'before'), 'manual_secret_rotation'],
    'not when the request is answered': [cause(sound.asking('now'), after('1d'), 'now'), undefined],
    'not when a request longer than any answer is answered': [
      cause(sound.asking('n'.repeat(2000)), after('1d'), 'n'.repeat(1024)),
      undefined,
    ],
    'not while the newest version is undelivered, whatever is asked': [
      cause(aCredential().rotating('1m').asking('now').having(delivered(1), aVersion(2))),
      undefined,
    ],
    'when the newest version is suspect': [
      cause(aCredential().having(delivered(1, at(), suspect))),
      'automatic_secret_rotation',
    ],
    'not when the version that replaced a suspect one is suspect too': [
      cause(aCredential().having(delivered(1, at(), suspect), delivered(2, at(), suspect))),
      undefined,
    ],
    'not when only an older version is suspect': [
      cause(aCredential().having(delivered(1, at(), suspect), delivered(2))),
      undefined,
    ],
    'not while so much is unresolved that the status could not hold more': [
      cause(sound.asking('now').owing(...many(UNRESOLVED_LIMIT))),
      undefined,
    ],
    'again when less is unresolved': [
      cause(sound.asking('now').owing(...many(UNRESOLVED_LIMIT - 1))),
      'manual_secret_rotation',
    ],
  }
  it.each(Object.entries(table))('%s', (_, [found, expected]) => {
    expect(found).toBe(expected)
  })
})
