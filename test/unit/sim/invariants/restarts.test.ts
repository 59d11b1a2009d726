import { restartedBy, restartedFor } from '../../../../src/api/labels.ts'
import { Deployments } from '../../../../src/api/resources.ts'
import { added, changed, credential, hostile, object, target } from './facts-builders.ts'
import { check } from './table.ts'

/** Deployment `web`, rolled out for this version of a credential called `db`. */
const web = (version?: number, uid = 'uid-db', more: Record<string, string> = {}) => {
  const marks = version === undefined ? {} : { [restartedFor('db')]: String(version), [restartedBy('db')]: uid }
  const annotations = { ...marks, ...more }
  return object(Deployments, { name: 'web' }, { spec: { template: { metadata: { annotations } } } })
}
const WEB = { kind: 'Deployment', name: 'web' } as const
const one = target(1, 'a')
const two = target(2, 'b')
const first = [added(web(), 'person'), added(one)]
const both = [...first, changed(one, two)]
const names = (current: number, restartTargets: readonly object[] = [WEB]) => {
  const { resource, object: db } = credential({ currentVersion: current })
  return { resource, object: { ...db, spec: { restartTargets } } }
}

check([
  {
    id: 'S9 restarts',
    keeps: {
      'it follows each version': [
        ...both,
        changed(web(), web(2)),
        changed(two, target(3, 'c')),
        changed(web(2), web(3)),
      ],
      'a version is left out': [...both, changed(two, target(3, 'c')), changed(web(), web(3))],
      'a person rolls it out': [...both, changed(web(), web(undefined, '', { by: 'hand' }), 'person')],
      'a credential that was made anew counts from 1': [
        ...both,
        changed(web(), web(2)),
        added(target(1, 'c', {}, 'uid-new')),
        changed(target(1, 'c', {}, 'uid-new'), target(2, 'd', {}, 'uid-new')),
        changed(web(2), web(2, 'uid-new')),
      ],
    },
    breaks: {
      'nobody can read the version': [...first, changed(web(), web(2))],
      'it is the first one': [...first, changed(web(), web(1))],
      'it is rolled out twice': [...both, changed(web(), web(2)), changed(web(2), web(2, 'uid-db', { at: 'noon' }))],
      'the version is older': [...both, changed(two, target(3, 'c')), changed(web(), web(3)), changed(web(3), web(2))],
    },
  },
  {
    id: 'L1 restarts',
    keeps: {
      'it has followed': [added(names(1)), ...both, changed(web(), web(2)), changed(names(1), names(2))],
      'there was one version only': [added(names(1)), ...first],
      'it was named when the version was there': [...both, added(names(2))],
      'it is not there': [added(names(1)), added(one), changed(one, two), changed(names(1), names(2))],
      'it is named no more': [added(names(1)), ...both, changed(names(1), names(2, []))],
      'a person took something away': [
        hostile('remove secrets from custody'),
        added(names(1)),
        ...both,
        changed(names(1), names(2)),
      ],
    },
    breaks: {
      'it has not followed': [added(names(1)), ...both, changed(names(1), names(2))],
      'it has followed an older version only': [
        added(names(1)),
        ...both,
        changed(web(), web(2)),
        changed(two, target(3, 'c')),
        changed(names(2), names(3)),
      ],
    },
  },
])
