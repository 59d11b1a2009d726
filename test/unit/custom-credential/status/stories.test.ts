import { describe, expect, it } from 'vitest'
import type { Condition, CustomCredentialStatus } from '../../../../src/api/generated.ts'
import { storiesOf } from '../../../../src/custom-credential/status/stories.ts'
import { at, owedBy, unknownOf } from '../../../support/builders.ts'
import { anError } from '../../../support/builders-tasks.ts'

type Status = Partial<CustomCredentialStatus>
const told = (before: Status, after: Status): string[] =>
  storiesOf({ observedGeneration: 1, ...before }, { observedGeneration: 1, ...after }).map(
    ({ type, reason, note }) => `${type} ${reason}: ${note}`,
  )

const target = { name: 'orders' }
const failure = { taskId: 'sm-task-1', time: at(), ...anError() }
const stalled = (reason: string) => [
  { type: 'Stalled', status: 'True', reason, message: 'Create it.', lastTransitionTime: at() } as const,
]

const stands = (version: number, name: string) => ({ kind: 'Deployment', name, version }) as const
const lagging = (message: string) => [
  { ...stalled('RestartTargetNotFound')[0], type: 'RestartFailed', message } as Condition,
]

describe('events tell', () => {
  it.each<[string, Status, Status, string[]]>([
    ['nothing where nothing has changed', { currentVersion: 1 }, { currentVersion: 1 }, []],
    ['the first delivery', {}, { currentVersion: 1, target }, ['Normal Activated: Version 1 is in Secret "orders".']],
    [
      'a rotation, and what stays usable',
      { currentVersion: 1 },
      { currentVersion: 2, previousVersion: 1, target },
      ['Normal Rotated: Version 2 is in Secret "orders"; version 1 stays usable as previous.'],
    ],
    [
      'a rollout of a restart target',
      { currentVersion: 2, restarts: [stands(2, 'web'), stands(2, 'jobs')] },
      { currentVersion: 3, restarts: [stands(3, 'web'), stands(2, 'jobs')], target },
      [
        'Normal Rotated: Version 3 is in Secret "orders".',
        'Normal Restarted: Deployment "web" is rolled out for version 3.',
      ],
    ],
    [
      'no rollout of a target that is only named',
      { currentVersion: 2 },
      { currentVersion: 2, restarts: [stands(2, 'web')] },
      [],
    ],
    [
      'each rollout that fails, once',
      { conditions: lagging('web is not there.') },
      { conditions: lagging('web is not there.\njobs is not there.') },
      ['Warning RestartFailed: jobs is not there.'],
    ],
    [
      'a failed creation, by its task and its error',
      {},
      { lastFailure: failure },
      ['Warning CreationFailed: sm-task-1: UpstreamDown: no route to host'],
    ],
    [
      'a failed rotation as such',
      { currentVersion: 1 },
      { currentVersion: 1, lastFailure: failure },
      ['Warning RotationFailed: sm-task-1: UpstreamDown: no route to host'],
    ],
    ['a failure once', { lastFailure: failure }, { lastFailure: failure }, []],
    [
      'a revocation',
      { unresolved: [owedBy(1)] },
      { unresolved: [] },
      ['Normal Revoked: Version 1 (role-1) does not exist upstream any more.'],
    ],
    ['no obligation that is new', {}, { unresolved: [unknownOf(1)] }, []],
    [
      'every failed attempt at one',
      { unresolved: [owedBy(1)] },
      { unresolved: [owedBy(1, { attempts: 1, lastError: anError() })] },
      ['Warning RevocationFailed: Version 1: attempt 1: UpstreamDown: no route to host'],
    ],
    [
      'why a person must act',
      {},
      { conditions: stalled('ProviderNotFound') },
      ['Warning ProviderNotFound: Create it.'],
    ],
    [
      'why what was made does not arrive',
      {},
      { conditions: stalled('DeliveryFailed').map((one) => ({ ...one, type: 'RotationFailed' })) },
      ['Warning DeliveryFailed: Create it.'],
    ],
    ['it once', { conditions: stalled('ProviderNotFound') }, { conditions: stalled('ProviderNotFound') }, []],
    [
      'it again when the reason is another',
      { conditions: stalled('ProviderNotFound') },
      { conditions: stalled('TargetConflict') },
      ['Warning TargetConflict: Create it.'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(told(before, after)).toEqual(expected)
  })

  it('that an orphan takes over what is owed, which is not settled by that', () => {
    const before = { observedGeneration: 1, unresolved: [unknownOf(1), owedBy(2)] }
    const stories = storiesOf(before, { observedGeneration: 1, unresolved: [] }, [unknownOf(1)])
    expect(stories.map(({ type, reason }) => `${type} ${reason}`)).toEqual(['Warning Orphaned', 'Normal Revoked'])
    expect(stories[0]?.note).toMatch(/^Version 1 \(what sm-task-.* made\) is still owed a deletion/)
  })

  it('never more than an event may hold', () => {
    const endless = { code: 'x'.repeat(64), description: 'x'.repeat(2048) }
    const after = {
      lastFailure: { ...failure, ...endless },
      unresolved: [owedBy(1, { attempts: 1, lastError: endless })],
      conditions: stalled('x').map((condition) => ({ ...condition, message: 'x'.repeat(5000) })),
    }
    for (const story of told({ unresolved: [owedBy(1)] }, after)) expect(story.length).toBeLessThan(1050)
  })
})
