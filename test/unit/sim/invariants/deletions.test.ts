import { annotation } from '../../../../src/api/labels.ts'
import { OrphanedCredentials } from '../../../../src/api/resources.ts'
import {
  added,
  answered,
  atOnce,
  credential,
  exposed,
  fault,
  made,
  object,
  pod,
  target,
  task,
  unmade,
  version,
} from './facts-builders.ts'
import { check } from './table.ts'

const older = version(1, 'a')
const newer = version(2, 'b', 'task-2')
const both = { versions: [older, newer], currentVersion: 2, previousVersion: 1 }
const retiring = { versions: [older, newer], currentVersion: 2, unresolved: [{ originTaskId: 'task-1' }] }
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const deletionOf = (credentialsId: string) => task('task-9', 'queued', {}, { originTaskId: 'task-1', credentialsId })
/** As every run begins, or a day later. */
const [today, tomorrow] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
const lasting = (expiresAt: string, spec = {}) => {
  const described = credential({
    versions: [
      { ...older, expiresAt },
      { ...newer, expiresAt },
    ],
  })
  return added({ ...described, object: { ...described.object, spec } as typeof described.object })
}
const daily = { rotation: { interval: '1d' } }
const expiryOf = task(
  'task-9',
  'queued',
  {},
  {
    originTaskId: 'task-1',
    credentialsId: 'a',
    trigger: 'secret_version_expiration',
  },
)
const upstream = [made('a'), made('b', 'task-2')]
/** One was issued before the moment that people have named, and the other one after it. */
const trusted = { ...newer, startedAt: '2026-01-01T00:00:01Z' }
const leaked = (spec: object = atOnce) => added(credential({ versions: [exposed(1, 'a'), trusted] }, {}, { ...spec }))
const afterReplacement = { ...atOnce, revokeMode: 'AfterReplacement' }

const keeping = { revocationPolicy: 'Retain' }
const leaving = added(credential({ ...both, target: { name: 'db' } }, going, keeping))
const revocation = task(
  'task-9',
  'queued',
  {},
  { originTaskId: 'task-2', credentialsId: 'b', trigger: 'secret_version_data_deletion' },
)
const leftToPeople = (() => {
  const described = target(2, 'b', {}, 'uid-gone')
  const { metadata } = described.object
  const annotations = { ...metadata.annotations, [annotation.retained]: 'uid-db' }
  return { ...described, object: { ...described.object, metadata: { ...metadata, annotations, labels: {} } } }
})()
const remembering = (annotations = {}) =>
  object(
    OrphanedCredentials,
    { name: 'orphan', annotations },
    { spec: { originTaskId: 'task-2', credentialsId: 'b', reason: 'Retained' }, status: {} },
  )
/** What another pod of the run may have made. */
const rememberingTheRun = object(
  OrphanedCredentials,
  { name: 'orphan' },
  { spec: { originTaskId: 'task-2', reason: 'Retained' }, status: {} },
)

check([
  {
    id: 'S6 retained',
    keeps: {
      'it is the version before': [leaving, added(target(1, 'a')), added(revocation)],
      'its spec says Revoke': [
        added(credential({ ...both, target: { name: 'db' } }, going)),
        added(target(2, 'b')),
        added(revocation),
      ],
      'somebody has adopted it since': [
        added(leftToPeople),
        added(credential({ versions: [{ ...newer, adopted: true }] })),
        unmade('b', 'pod-9', 'task-2'),
      ],
      'somebody has adopted it beside what another pod of its run may have made': [
        added(rememberingTheRun),
        added(credential({ unresolved: [{ originTaskId: 'task-7', credentialsId: 'b' }] })),
        unmade('b', 'pod-9', 'task-2'),
      ],
      'a person has asked the orphan to': [
        added(remembering({ [annotation.retryRequestedAt]: 'now' })),
        unmade('b', 'pod-9', 'task-2'),
      ],
    },
    breaks: {
      'it is ordered with all others': [leaving, added(target(2, 'b')), added(revocation)],
      'it was left to people': [added(leftToPeople), unmade('b', 'pod-9', 'task-2')],
      'the orphan was only to remember it': [added(remembering()), unmade('b', 'pod-9', 'task-2')],
      'the orphan was only to remember its run': [added(rememberingTheRun), unmade('b', 'pod-9', 'task-2')],
    },
  },
  {
    id: 'S6',
    keeps: {
      'the version is not in use any more': [added(credential(retiring)), unmade('a')],
      'the credential is being deleted': [added(credential(both, going)), unmade('b')],
      'the provider undoes its work unasked': [added(credential(both)), added(pod()), unmade('a', 'pod-1')],
      'other credentials of the run were refused': [
        added(credential(both)),
        added(pod()),
        answered(400, 'z'),
        unmade('a', 'pod-1'),
      ],
      'another pod of its Job was refused': [
        added(credential(both)),
        added(pod()),
        added(pod('pod-2')),
        answered(404, 'a'),
        unmade('a', 'pod-2'),
      ],
    },
    breaks: {
      'the current version is deleted': [added(credential(both)), unmade('b')],
      'the previous version is deleted': [added(credential(both)), unmade('a')],
      'a refusal orders a provider to undo it': [
        added(credential(both)),
        added(pod()),
        answered(404, 'a'),
        unmade('a', 'pod-1'),
      ],
    },
  },
  {
    id: 'S7 previous',
    keeps: {
      'two later ones were delivered': [
        added(credential({ versions: [older, newer, version(3, 'c', 'task-3')] })),
        unmade('a'),
      ],
      'its time is over, and one later one was delivered': [lasting(today, daily), unmade('a')],
      'it is suspect': [added(credential({ versions: [{ ...older, suspect: 'undone' }, newer] })), unmade('a')],
      'people want it gone, and one later one was delivered': [leaked(afterReplacement), unmade('a')],
      'people want it gone at once': [added(credential({ versions: [exposed(1, 'a')] }, {}, atOnce)), unmade('a')],
      'the credential is being deleted': [added(credential(both, going)), unmade('a')],
    },
    breaks: {
      'one later one was delivered': [added(credential(retiring)), unmade('a')],
      'one later one was delivered, and its time is not over': [lasting(tomorrow), unmade('a')],
      'its time is over, and no later one was delivered': [lasting(today, daily), unmade('b')],
      'people want it gone, and no later one was delivered': [
        added(credential({ versions: [exposed(1, 'a')] }, {}, afterReplacement)),
        unmade('a'),
      ],
      'people want what was issued before it gone at once': [leaked(), unmade('b')],
      'people want it gone at once when a moment has come': [
        added(credential({ versions: [exposed(1, 'a')] }, {}, { ...atOnce, revokeIssuedBefore: tomorrow })),
        unmade('a'),
      ],
    },
  },
  {
    id: 'S33',
    keeps: {
      'another delivered version is left': [...upstream, added(credential(both)), unmade('a')],
      'the credential is being deleted': [...upstream, added(credential(both, going)), unmade('a'), unmade('b')],
      'their time is over, and nothing was to take their place': [
        ...upstream,
        lasting(today),
        unmade('a'),
        unmade('b'),
      ],
      'people want all gone at once': [
        ...upstream,
        added(credential({ versions: [exposed(1, 'a'), exposed(2, 'b', 'task-2')] }, {}, atOnce)),
        unmade('a'),
        unmade('b'),
      ],
      'it never was delivered': [
        made('a'),
        added(credential({ versions: [{ ...older, deliveredAt: undefined }] })),
        unmade('a'),
      ],
    },
    breaks: {
      'people want only what was issued before it gone at once': [...upstream, leaked(), unmade('a'), unmade('b')],
      'a rotation is only late': [...upstream, lasting(today, daily), unmade('a'), unmade('b')],
      'the only version is deleted': [made('a'), added(credential({ versions: [older] })), unmade('a')],
      'the other version is gone upstream': [made('a'), added(credential(both)), unmade('a')],
      'the other version was never delivered': [
        ...upstream,
        added(credential({ versions: [older, { ...newer, deliveredAt: undefined }] })),
        unmade('a'),
      ],
    },
  },
  {
    id: 'S6 expiry',
    keeps: {
      'its time is over': [lasting(today), added(expiryOf)],
      'a clock was set': [fault('clock jumps ahead'), lasting(tomorrow), added(expiryOf)],
    },
    breaks: {
      'its time is not over': [lasting(tomorrow), added(expiryOf)],
      'it has no end': [added(credential(both)), added(expiryOf)],
    },
  },
  {
    id: 'S34',
    keeps: {
      'the version is owed a deletion': [added(credential(retiring)), added(deletionOf('a'))],
      'no version bears the ID': [added(credential(both)), added(deletionOf('z'))],
      'the credential is being deleted': [added(credential(both, going)), added(deletionOf('a'))],
    },
    breaks: {
      'a version in use bears the ID': [added(credential(both)), added(deletionOf('a'))],
      'a version that took over the ID is in use': [
        added(credential({ ...retiring, versions: [older, version(2, 'a', 'task-2')] })),
        added(deletionOf('a')),
      ],
    },
  },
])
