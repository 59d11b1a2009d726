import { describe, expect, it } from 'vitest'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { CREATION_TRIES } from '../../../../src/custom-credential/schedule.ts'
import { aCredential, after, aProvider, at, delivered, unknownOf } from '../../../support/builders.ts'
import { aCreation } from '../../../support/builders-tasks.ts'
import { aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'

const fresh = aSnapshot()
const active = fresh.of(aCredential().having(delivered(1))).showing(1)
const gone = aCredential().having(delivered(1)).metadata({ deletionTimestamp: at() })
const failed = { code: 'Locked', description: 'The upstream is locked.' }
const failing = (failures: number, more = {}) =>
  aCredential().status({
    nextVersion: { number: 1, attempts: failures, failures, nextAttemptTime: at('1h'), ...more },
    lastFailure: { taskId: 'sm-task-1', time: at(), ...failed },
  })
const mortal = (rotation = {}) =>
  aCredential()
    .spec({ ttl: '10d', rotation })
    .having(delivered(1, at(), { expiresAt: at('10d') }))
const adopt = { secretName: 'legacy', credentialsId: 'app_1' }
const adopting = fresh.of(aCredential().spec({ adopt })).with({ provider: aProvider({ capabilities: ['adopt'] }) })
const suspect = (version: number) => delivered(version, at(), { suspect: 'exit 1' })

/**
 * States that a real API server would take long to show. What has happened; what comes next, or what people have to do; and
 * when, where time decides: see test/api/describe.test.ts for the others.
 */
const SAID: Readonly<Record<string, readonly [SnapshotBuilder, ...string[]]>> = {
  'a creation that is given up': [
    fresh.of(failing(CREATION_TRIES)),
    'Locked: The upstream is locked.',
    'give the annotation customcredentials.dev/rotate-requested-at a new value, or change spec.',
  ],
  'a first creation that somebody has cancelled': [
    fresh.of(failing(1, { cancelledAt: at() })),
    'Task sm-task-1 was deleted before it was over.',
    'give the annotation customcredentials.dev/rotate-requested-at a new value, or change spec.',
  ],
  'a version near its end that nothing replaces': [
    fresh.of(mortal()).showing(1).at(after('9d1s')),
    `Version 1 expires at ${at('10d')}. Then it is revoked.`,
    'To rotate it, give the annotation customcredentials.dev/rotate-requested-at a new value.',
  ],
  'a version near its end whose rotation fails': [
    fresh
      .of(mortal({ interval: '9d' }))
      .showing(1)
      .at(after('9d1s'))
      .tasks(aCreation(2).failed('Nothing', at('9d'), failed)),
    `Version 1 expires at ${at('10d')}. Its rotation is late: until its successor is there it is not revoked.`,
    `Attempt 1 at version 2 failed: Locked: The upstream is locked. The current version stays. Next try: ${new Date(after('9d') + 10_000).toISOString()}.`,
  ],
  'a version that has ended': [
    fresh.of(mortal()).showing(1).at(after('10d')),
    'Version 1 has reached the end of its time to live.',
    'To rotate it, give the annotation customcredentials.dev/rotate-requested-at a new value.',
  ],
  'a task that the API server refuses': [
    fresh.trouble({ refusal: 'exceeded quota' }),
    'The API server refuses the next task: exceeded quota.',
    'Remove what refuses it. It is tried again within 5 minutes.',
  ],
  'an adoption that can not be': [
    adopting.trouble({
      adoption: { message: 'There is no Secret "legacy".', generation: 1, tries: 1, retryAt: after('10s') },
    }),
    'There is no Secret "legacy". It is tried again within 5 minutes.',
  ],
  'two versions in a row that are suspect': [
    fresh.of(aCredential().having(suspect(1), suspect(2))).showing(2),
    'the provider fails after its report. Correct it, then rotate.',
  ],
  'more debts than are borne': [
    fresh.of(aCredential().owing(...Array.from({ length: 20 }, (_, index) => unknownOf(index + 5)))),
    '20 credentials wait for their deletion',
    'Nothing more is made until they are fewer. See status.unresolved and the orphans.',
  ],
  'a provider that is being checked': [
    fresh.with({ provider: { ...aProvider(), status: { observedGeneration: 0 } } }),
    'is being checked: what is due is made once it is accepted.',
  ],
  'a rotation that is suspended': [
    active.of(aCredential().spec({ suspend: true }).having(delivered(1))),
    'No task is started while spec.suspend is true: nothing is created, rotated or revoked. What is due begins once it is false.',
  ],
  'a deletion that was never tried yet': [
    fresh.of(gone).showing(1),
    'Revoking what exists upstream: 1 left.',
    `What is left at ${at('30m')}, when nothing is at work, becomes an OrphanedCredential, and this object goes.`,
  ],
}

describe('the conditions say what happened, what comes next, and when', () => {
  it.each(Object.entries(SAID))('of %s', (_, [{ snapshot }, ...sentences]) => {
    const text = (decide(snapshot).status.conditions ?? []).map(({ message }) => message).join('\n')
    for (const sentence of sentences) expect(text).toContain(sentence)
  })
})
