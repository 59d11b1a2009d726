import { describe, expect, it } from 'vitest'
import { label } from '../../../src/api/labels.ts'
import { endedStatus } from '../../../src/secret-task/end.ts'
import { at } from '../../support/builders.ts'
import { aCreation, aDeletion } from '../../support/builders-tasks.ts'

const processing = aCreation().processing().object

describe('a task that has failed says who knows what comes next', () => {
  const failed = (outcome: 'Nothing' | 'Unknown') => ({
    state: 'failed' as const,
    outcome,
    errors: [{ code: 'Locked', description: 'The upstream is locked.' }],
  })
  const deletion = aDeletion(1).processing().object
  const orphans = { ...deletion, metadata: { ...deletion.metadata, labels: { [label.orphan]: 'orders-17' } } }

  it.each<[string, typeof processing, 'Nothing' | 'Unknown', string]>([
    [
      'its credential, where nothing was made',
      processing,
      'Nothing',
      'What comes next, and when: kubectl describe ccred orders-database --namespace team-a',
    ],
    [
      'its credential, where something may have been made',
      processing,
      'Unknown',
      'What it may have made is to be deleted. What comes next, and when: kubectl describe ccred orders-database --namespace team-a',
    ],
    ['its orphan', orphans, 'Unknown', 'What comes next, and when: kubectl describe orphan orders-17'],
  ])('%s', (_, task, outcome, message) => {
    expect(endedStatus(task, failed(outcome), at()).message).toBe(message)
  })
})
