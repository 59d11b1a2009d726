import { annotation } from '../../../../src/api/labels.ts'
import {
  added,
  answered,
  atOnce,
  changed,
  credential,
  custody,
  deleted,
  exposed,
  lease,
  pod,
  refused,
  rendered,
  target,
  task,
  unmade,
  version,
} from './facts-builders.ts'
import { check } from './table.ts'

const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const givenUp = { unresolved: [{ originTaskId: 'task-1', reason: 'Undelivered' }] }
const one = target(1, 'a')
const two = target(2, 'b', { key: 'Yg==' })
const reported = [added(custody('a')), added(custody('b', { key: 'Yg==' }, 2))]
/** Version 2, rendered. */
const shown = (data: Record<string, string>) => rendered(target(2, 'b', { key: 'Yg==', ...data }))
const oldPayload = custody('a')
/** A credential whose version 1 was displaced by this one. */
const showing = (number: number, more = {}) =>
  credential({
    versions: [
      { ...version(1, 'a'), ...more },
      { ...version(number, 'b', 'task-2'), ...more },
    ],
    target: { name: 'db' },
  })
const oldDeletion = task('task-9', 'queued', {}, { originTaskId: 'task-1', credentialsId: 'a' })
const adopting = { adopt: { secretName: 'db', credentialsId: 'a' } }
const left = (() => {
  const { resource, object } = target(1, 'a', { key: 'YQ==' }, 'uid-gone')
  const annotations = { ...object.metadata.annotations, [annotation.retained]: 'uid-gone' }
  return { resource, object: { ...object, metadata: { ...object.metadata, annotations } } }
})()
const text = (plain: string): string => Buffer.from(plain).toString('base64')

check([
  {
    id: 'S7',
    keeps: {
      'the consumers read a newer version': [added(credential()), added(one), changed(one, two), unmade('a')],
      'the credential is being deleted': [added(credential({}, going)), added(one), unmade('a')],
      'its time is over, and nothing was to take its place': [
        added(credential({ versions: [{ ...version(1, 'a'), expiresAt: '2026-01-01T00:00:00Z' }] })),
        added(one),
        unmade('a'),
      ],
      'people want it gone at once': [
        added(credential({ versions: [exposed(1, 'a')] }, {}, atOnce)),
        added(one),
        unmade('a'),
      ],
      'the provider undoes its work unasked': [added(credential()), added(one), added(pod()), unmade('a', 'pod-1')],
    },
    breaks: {
      'the consumers still read it': [added(credential()), added(one), unmade('a')],
      'people want others gone at once': [
        added(credential({ versions: [{ ...exposed(1, 'a'), startedAt: '2026-01-01T00:00:01Z' }] }, {}, atOnce)),
        added(one),
        unmade('a'),
      ],
    },
  },
  {
    id: 'S9',
    keeps: {
      'each version comes whole': [...reported, added(one), changed(one, two)],
      'the same version is put back': [...reported, added(one), deleted(one, 'person'), added(one)],
      'a text quotes the version': [...reported, added(shown({ url: text('http://b') }))],
      'the version before it stands beside it': [...reported, added(shown({ previous_key: 'YQ==' }))],
      'a person changes the Secret': [...reported, added(one), changed(one, target(1, 'a', {}), 'person')],
    },
    breaks: {
      'the data are of another version': [...reported, added(target(2, 'b', { key: 'YQ==' }))],
      'the ID is of another version': [...reported, added(target(2, 'a', { key: 'Yg==' }))],
      'a key of another version stays': [...reported, added(target(2, 'b', { key: 'Yg==', old: 'YQ==' }))],
      'a text quotes another version': [...reported, added(shown({ url: text('http://a') }))],
      'an output of another version is shown': [...reported, added(shown({ key: 'YQ==' }))],
      'a part of another version stands beside it': [...reported, added(shown({ previous_key: text('c') }))],
      'the version itself stands beside it': [...reported, added(shown({ previous_key: 'Yg==' }))],
      'the version before it stands beside it, and nothing says that it is rendered': [
        ...reported,
        added(target(2, 'b', { key: 'Yg==', previous_key: 'YQ==' })),
      ],
      'the consumers go back': [added(credential()), ...reported, added(one), changed(one, two), changed(two, one)],
    },
  },
  {
    id: 'S9 lost',
    keeps: {
      'its payload is gone': [added(custody('a')), deleted(custody('a')), added(credential(givenUp))],
      'its payload was written again': [
        added(custody('a')),
        deleted(custody('a')),
        added(custody('a')),
        added(credential(givenUp)),
      ],
      'another version is given up': [added(custody('b', {}, 2)), added(credential(givenUp))],
      'it goes because another was asked for': [
        added(custody('a')),
        added(credential({ unresolved: [{ originTaskId: 'task-1', reason: 'Superseded' }] })),
      ],
    },
    breaks: { 'its payload is there': [added(custody('a')), added(credential(givenUp))] },
  },
  {
    id: 'S10',
    keeps: {
      'a person removes it': [added(credential()), added(one), deleted(one, 'person')],
      'the credential is being deleted': [added(credential({}, going)), added(one), deleted(one)],
      'its status tells of it as a former target': [
        added(credential({ formerTargets: [{ name: 'db', uid: 'uid-db' }] })),
        added(one),
        deleted(one),
      ],
    },
    breaks: {
      'its status tells of it as the target again': [
        added(lease('operator-1')),
        added(credential({ target: { name: 'db' }, formerTargets: [{ name: 'db', uid: 'uid-db' }] })),
        added(one),
        deleted(one),
      ],
      'its status tells of another former target of that name': [
        added(credential({ formerTargets: [{ name: 'db', uid: 'another' }] })),
        added(one),
        deleted(one),
      ],
      'the operator removes it': [added(credential()), added(one), deleted(one)],
      'the operator empties it': [added(credential()), added(one), changed(one, target(2, 'b', {}))],
      'it was left to people': [added(left), deleted(left)],
    },
  },
  {
    id: 'S7 shown',
    keeps: {
      'it has left the Secret': [added(showing(2)), added(oldPayload), added(shown({})), added(oldDeletion)],
      'it is at its end, and the Secret cannot be written': [
        refused('write patch secrets'),
        added(showing(2, { expiresAt: '2026-01-01T00:00:00Z' })),
        added(oldPayload),
        added(shown({ previous_key: 'YQ==' })),
        added(oldDeletion),
      ],
      'its credential is being deleted': [
        added(credential({}, going)),
        added(oldPayload),
        added(shown({ previous_key: 'YQ==' })),
        added(oldDeletion),
      ],
    },
    breaks: {
      'it is at its end, and the Secret can be written': [
        added(showing(2, { expiresAt: '2026-01-01T00:00:00Z' })),
        added(oldPayload),
        added(shown({ previous_key: 'YQ==' })),
        added(oldDeletion),
      ],
      'the Secret still shows it': [
        added(showing(2)),
        added(oldPayload),
        added(shown({ previous_key: 'YQ==' })),
        added(oldDeletion),
      ],
    },
  },
  {
    id: 'S11',
    keeps: {
      'custody has it': [added(custody('a')), answered(200, 'a')],
      'custody had it': [added(custody('a')), deleted(custody('a')), answered(200, 'a')],
      'it is refused': [answered(404, 'a')],
      'nothing is certain': [answered(503, 'a')],
      'a deletion is reported': [
        added(task('task-9', 'processing', {}, { originTaskId: 'task-1' })),
        answered(200, 'a', 'task-9'),
      ],
    },
    breaks: {
      'custody never had it': [answered(200, 'a')],
      'custody has other credentials of the run': [added(custody('b')), answered(200, 'a')],
    },
  },
  {
    id: 'S19',
    keeps: {
      'the Secret is its own': [added(one), changed(one, two)],
      'a person takes it over': [changed(target(1, 'z', {}, 'uid-other'), one, 'person')],
      'its spec names what is nobody’s': [
        added(credential({}, {}, adopting)),
        changed(target(1, 'z', {}, 'uid-gone'), one),
      ],
    },
    breaks: {
      'the Secret was of another owner': [changed(target(1, 'z', {}, 'uid-other'), one)],
      'the Secret to be adopted is of an owner who is there': [
        added(credential({}, {}, adopting)),
        added(credential({}, { name: 'other' })),
        changed(target(1, 'z', {}, 'uid-other'), one),
      ],
      'it has a version already': [
        added(credential({ currentVersion: 1 }, {}, adopting)),
        changed(target(1, 'z', {}, 'uid-gone'), one),
      ],
    },
  },
])
