import { annotation, label } from '../../../../src/api/labels.ts'
import { Secrets } from '../../../../src/api/resources.ts'
import { added, changed, credential, deleted, object } from './facts-builders.ts'
import { check } from './table.ts'

const owned = { [label.credentialUid]: 'uid-db', [label.merged]: 'true' }
const theirs = (data: object) => object(Secrets, { name: 'app' }, { data })
const merged = (data: object) =>
  object(Secrets, { name: 'app', labels: owned, annotations: { [annotation.keys]: 'key' } }, { data })

const host = { host: 'ZGI=' }
const [before, after] = [theirs(host), merged({ ...host, key: 'YQ==' })]
const made = added(before, 'person')

check([
  {
    id: 'S19 keys',
    keeps: {
      'a key is put beside those of others': [made, changed(before, after)],
      'a key of ours follows': [made, changed(before, after), changed(after, merged({ ...host, key: 'Yg==' }))],
      'others change theirs': [
        made,
        changed(before, after),
        changed(after, merged({ host: 'eA==', key: 'YQ==' }), 'person'),
      ],
      'it is people who remove it': [made, changed(before, after), deleted(after, 'person')],
      'the key is there with the same value': [changed(theirs({ ...host, key: 'YQ==' }), after)],
      'our keys go again': [made, changed(before, after), changed(after, before)],
    },
    breaks: {
      'a key is written over': [changed(theirs({ ...host, key: 'eA==' }), after)],
      'the keys of others go': [made, changed(before, merged({ key: 'YQ==' }))],
      'they go with ours': [made, changed(before, after), changed(after, theirs({}))],
      'a key that was there already is taken for ours': [
        changed(theirs({ ...host, key: 'YQ==' }), after),
        changed(after, merged({ ...host, key: 'Yg==' })),
      ],
      'it is removed': [made, changed(before, after), deleted(after)],
      'it is made': [added(after)],
    },
  },
  {
    id: 'S19 out',
    keeps: {
      'our keys go with our marks': [made, changed(before, after), changed(after, before)],
      'they are to stay': [
        added(credential({}, {}, { target: { deletionPolicy: 'Retain' } })),
        changed(after, theirs({ ...host, key: 'YQ==' })),
      ],
    },
    breaks: { 'a key is left': [made, changed(before, after), changed(after, theirs({ ...host, key: 'YQ==' }))] },
  },
])
