import { expect, it } from 'vitest'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { aCredential, after, at, delivered, owedBy } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'
import { aDeletion, type TaskBuilder } from '../../../support/builders-tasks.ts'

const WHY = 'Waits for its turn. Provider "postgres" is at its limit of 1 at the same time (spec.concurrency).'
const waits = aDeletion(1).queued().saying(WHY)

/** What a credential whose version 1 is to be deleted upstream tells of that, besides its being ready. */
const told = (task: TaskBuilder, spec = {}) => {
  const credential = aCredential().spec(spec).having(delivered(2), delivered(3)).owing(owedBy(1))
  const { conditions = [] } = decide(aSnapshot().of(credential).showing(3).tasks(task).at(after('1h')).snapshot).status
  return conditions.filter(({ type }) => type === 'Revoking').map(({ reason, message }) => [reason, message])
}

it('a revocation that waits says for what, as its task does', () => {
  expect(told(waits)).toEqual([['Waiting', WHY]])
  expect(told(waits, { revokeIssuedBefore: at('30m') })).toEqual([
    ['IssuedBefore', expect.stringMatching(/^Issued before revokeIssuedBefore.* Waits for its turn\. Provider/)],
  ])
})

it('a revocation that goes its way is worth no condition', () => {
  expect(told(aDeletion(1).queued())).toEqual([])
  expect(told(aDeletion(1).processing())).toEqual([])
})
