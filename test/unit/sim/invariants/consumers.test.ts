import type { Fact } from '../../../sim/observe/facts.ts'
import { added, atOnce, changed, credential, exposed, made, pod, target, unmade, version } from './facts-builders.ts'
import { check } from './table.ts'

const login = (credentialsId: string, ok: boolean): Fact => ({
  kind: 'login',
  secret: 'shop/db',
  credentialsId,
  credentialUid: 'uid-db',
  ok,
})
const there = [made('a'), added(credential({ versions: [version(1, 'a')] })), added(target(1, 'a'))]
const byHand = changed(target(1, 'a'), target(1, 'a', { key: 'Yg==' }), 'a person')
const mended = changed(target(1, 'a', { key: 'Yg==' }), target(1, 'a'))

const ended = {
  versions: [{ ...version(1, 'a'), expiresAt: '2026-01-01T00:00:00Z' }],
  unresolved: [{ originTaskId: 'task-1', credentialsId: 'a', reason: 'Expired' }],
}
const owed = { originTaskId: 'task-1', credentialsId: 'a', reason: 'IssuedBefore' }
const leaked = (first: object, spec: object = atOnce): Fact[] => [
  made('a'),
  added(credential({ versions: [first], unresolved: [owed] }, {}, { ...spec })),
  added(target(1, 'a')),
  unmade('a'),
]
const followed = { ...ended, versions: [...ended.versions, version(2, 'b', 'task-2')] }

check([
  {
    id: 'S7 logins',
    keeps: {
      'they get in': [...there, login('a', true)],
      'the credential is being deleted': [
        ...there,
        changed(credential(), credential({}, { deletionTimestamp: '2026-01-01T00:00:00Z' })),
        unmade('a'),
        login('a', false),
      ],
      'the provider has undone it unasked': [...there, added(pod()), unmade('a', 'pod-1'), login('a', false)],
      'its time is over, and nothing was to take its place': [
        made('a'),
        added(credential(ended)),
        added(target(1, 'a')),
        unmade('a'),
        login('a', false),
      ],
      'people want it gone at once': [...leaked(exposed(1, 'a')), login('a', false)],
      'somebody else has written the Secret': [...there, byHand, login('a', false)],
    },
    breaks: {
      'it was deleted on our order': [...there, unmade('a'), login('a', false)],
      'its time is over, and they have had its successor for too short': [
        made('a'),
        added(credential(followed)),
        added(target(1, 'a')),
        unmade('a'),
        login('a', false),
      ],
      'people want it gone once its successor is there': [
        ...leaked(exposed(1, 'a'), { ...atOnce, revokeMode: 'AfterReplacement' }),
        login('a', false),
      ],
      'people want others gone at once': [
        ...leaked({ ...exposed(1, 'a'), startedAt: '2026-01-01T00:00:01Z' }),
        login('a', false),
      ],
      'it never worked': [...there, login('b', false)],
      'the Secret is the operator’s work again': [...there, byHand, mended, login('a', false)],
    },
  },
])
