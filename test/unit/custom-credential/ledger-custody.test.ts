import { describe, expect, it } from 'vitest'
import { inUse } from '../../../src/custom-credential/revocation/retire.ts'
import { at, aVersion, delivered, elsewhere, owedBy, pinned } from '../../support/builders.ts'
import { aCreation, aDeletion, aKit } from '../../support/builders-tasks.ts'
import { check, folded, having, next } from './ledger-table.ts'

const creation = aCreation(1)

describe('a payload in custody', () => {
  const payload = creation.payload()
  check({
    'of a task that is about to end is left to it': [
      {},
      { tasks: [creation.processing().object], custody: [payload] },
      {},
    ],
    'of a version is the version': [having([aVersion(1)]), { custody: [payload] }, {}],
    'of a task that is gone is owed a deletion': [
      having([], 1),
      { custody: [payload] },
      { unresolved: [owedBy(1, { trigger: 'secret_creation', reason: 'OutcomeUnknown' })] },
    ],
    'of a task that failed is owed a deletion': [
      having([], 1),
      { tasks: [creation.failed('Nothing').object], custody: [payload] },
      { unresolved: [owedBy(1, { trigger: 'secret_creation', reason: 'OutcomeUnknown' })] },
    ],
    'of credentials that were deleted is owed nothing': [
      having([], 1),
      { tasks: [aDeletion(1).deleted().object], custody: [payload] },
      {},
    ],
    'is not what a kit is': [{}, { custody: [aKit()] }, {}],
  })
})

describe('a refused report', () => {
  const refusal = creation.refusal('other')
  const refused = owedBy(1, { credentialsId: 'other', trigger: 'secret_creation', reason: 'Refused' })
  check({
    'is left to a task at work, which may still correct it': [
      {},
      { tasks: [creation.processing().object], custody: [refusal] },
      {},
    ],
    'is owed a deletion once its task has failed': [
      having([], 1),
      { tasks: [creation.failed('Nothing').object], custody: [refusal] },
      { unresolved: [refused] },
    ],
    'is owed a deletion if its task is gone': [having([], 1), { custody: [refusal] }, { unresolved: [refused] }],
    'of an ID that a version bears is owed nothing (S34)': [
      having([delivered(1)]),
      { custody: [aCreation(2).refusal('role-1')] },
      {},
    ],
    'of an ID that a version of another provider bears is left to people': [
      having([delivered(1)]),
      { custody: [aCreation(2).spec({ provider: elsewhere }).refusal('role-1')] },
      {
        unresolved: [
          owedBy(2, { credentialsId: 'role-1', provider: elsewhere, trigger: 'secret_creation', reason: 'IdInUse' }),
        ],
      },
    ],
    'of other credentials than those of its version leaves the version in use': [
      having([delivered(1)]),
      { tasks: [creation.created().object], custody: [refusal] },
      { unresolved: [refused] },
    ],
  })

  it('does not retire the version that the same run made', () => {
    const ledger = folded(having([delivered(1)]), { custody: [refusal] })
    expect(inUse(ledger)).toEqual([delivered(1)])
  })
})

describe('an ID that a version in use bears is never owed a deletion (S34)', () => {
  check({
    'if a new version bears it, the obligation and the old version go': [
      having([delivered(1, at(), { credentialsId: 'same' }), delivered(2)], 0, {
        unresolved: [owedBy(1, { credentialsId: 'same' })],
      }),
      { tasks: [aCreation(3).created('same').object] },
      {
        versions: [delivered(2), aVersion(3, { credentialsId: 'same' })],
        unresolved: [],
        nextVersion: next(4, 0),
      },
    ],
    'if a version of another provider bears it, the old one is left to people': [
      having([delivered(1, at(), { credentialsId: 'same' }), delivered(2)], 0, {
        unresolved: [owedBy(1, { credentialsId: 'same' })],
      }),
      { tasks: [aCreation(3).spec({ provider: elsewhere }).created('same').object] },
      {
        versions: [
          delivered(1, at(), { credentialsId: 'same' }),
          delivered(2),
          aVersion(3, { credentialsId: 'same', provider: elsewhere }),
        ],
        unresolved: [owedBy(1, { credentialsId: 'same', reason: 'IdInUse' })],
        nextVersion: next(4, 0),
      },
    ],
    'if a provider that was made anew under its name has renewed it, the old version goes': [
      having([delivered(1, at(), { credentialsId: 'same' }), delivered(2)], 0, {
        unresolved: [owedBy(1, { credentialsId: 'same' })],
      }),
      {
        tasks: [
          aCreation(3)
            .spec({ provider: { ...pinned, uid: 'anew' } })
            .created('same').object,
        ],
      },
      {
        versions: [delivered(2), aVersion(3, { credentialsId: 'same', provider: { ...pinned, uid: 'anew' } })],
        unresolved: [],
        nextVersion: next(4, 0),
      },
    ],
    'if a refused report of another run named it, that run keeps its own version': [
      having([delivered(1, at(), { credentialsId: 'same' }), delivered(2)], 0, {
        unresolved: [owedBy(2, { credentialsId: 'same', reason: 'Refused' })],
      }),
      {},
      { unresolved: [] },
    ],
  })
})
