import { annotation, label } from '../../../../src/api/labels.ts'
import { Secrets } from '../../../../src/api/resources.ts'
import { added, changed, credential, deleted, object, version } from './facts-builders.ts'
import { check } from './table.ts'

const named = (name: string, number = 1) =>
  object(
    Secrets,
    {
      name,
      labels: { [label.credentialUid]: 'uid-db' },
      annotations: { [annotation.version]: String(number), [annotation.credentialsId]: 'a' },
    },
    { data: { key: 'YQ==' } },
  )
const [former, current] = [named('db'), named('login')]
const formerTargets = [{ name: 'db', uid: 'uid-db' }]
const renamed = (spec = {}, more = {}) =>
  added(credential({ versions: [version(1, 'a')], target: { name: 'login' }, formerTargets }, more, spec))
const before = object(Secrets, { name: 'db' }, { data: { host: 'ZGI=' } })
const merged = object(
  Secrets,
  { ...former.object.metadata, labels: { ...former.object.metadata.labels, [label.merged]: 'true' } },
  { data: { host: 'ZGI=', key: 'YQ==' } },
)
const slow = { rotation: { minOverlap: '1m' } }

check([
  {
    id: 'S10 former',
    keeps: {
      'another one shows what works': [added(former), renamed(), added(current), deleted(former)],
      'a person removes it': [added(former), renamed(), deleted(former, 'person')],
      'the credential is being deleted': [
        added(former),
        renamed({}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
        deleted(former),
      ],
    },
    breaks: {
      'there is no other': [added(former), renamed(), deleted(former)],
      'there is no other, and our keys are taken out of it': [
        added(before, 'person'),
        changed(before, merged),
        renamed(),
        changed(merged, before),
      ],
      'the other one shows what is gone': [added(former), renamed(), added(named('login', 2)), deleted(former)],
      'the other one is somebody else’s': [
        added(former),
        renamed(),
        added(object(Secrets, { name: 'login' }, {})),
        deleted(former),
      ],
      'its consumers have not had their time': [added(former), renamed(slow), added(current), deleted(former)],
    },
  },
  {
    id: 'L5 former',
    keeps: {
      'it is gone': [added(former), added(current), deleted(former), renamed()],
      'a person has copied it': [added(former, 'person'), added(current), renamed()],
      'nothing has taken its place': [added(former), renamed()],
    },
    breaks: {
      'it is left': [added(former), added(current), renamed()],
      'our keys are left in what is people’s own': [
        added(before, 'person'),
        changed(before, merged),
        added(current),
        renamed(),
      ],
    },
  },
])
