import { describe, expect, it } from 'vitest'
import { accounted, decide } from '../../../src/custom-credential/decide.ts'
import { mayBegin } from '../../../src/custom-credential/suspension.ts'
import { aCredential, after, at, type CredentialBuilder, delivered, owedBy } from '../../support/builders.ts'
import { aSnapshot } from '../../support/builders-snapshot.ts'
import { aCreation, aDeletion, type TaskBuilder } from '../../support/builders-tasks.ts'

const running = aCredential().having(delivered(2)).owing(owedBy(1)).asking('now')
const suspended = running.spec({ suspend: true })
const leaking = running.spec({ suspend: true, revokeIssuedBefore: at('30m') })
const replaced = leaking.having(delivered(2, at('40m'), { startedAt: at('40m') }))
const creation = aCreation(3).queued()
const deletion = aDeletion(1).queued()

describe('a task that waited for its turn when its credential was suspended', () => {
  it.each<[string, CredentialBuilder, TaskBuilder, boolean]>([
    ['does not begin, if it creates', suspended, creation, false],
    ['does not begin, if it deletes', suspended, deletion, false],
    ['begins once that is over', running, creation, true],
    ['begins where it replaces what has leaked', leaking, creation, true],
    ['does not where all that has leaked is replaced', replaced, creation, false],
    ['begins where it revokes what has leaked', replaced, deletion, true],
    ['begins where its credential is deleted', suspended.deleted(), deletion, true],
  ])('%s', (_, credential, { object }, expected) => {
    const { snapshot } = aSnapshot().of(credential).showing(2).at(after('1h'))
    expect(mayBegin(object, snapshot, accounted(snapshot))).toBe(expected)
  })

  it('is not told to be under way', () => {
    const fresh = aCredential().spec({ suspend: true })
    const message = (task: TaskBuilder) =>
      decide(aSnapshot().of(fresh).tasks(task).at(after('1h')).snapshot).status.conditions?.[0]?.message
    expect(message(aCreation(1).queued())).toBe('Nothing is made while spec.suspend is true.')
    expect(message(aCreation(1).processing())).toMatch('The first version is being made')
  })
})
