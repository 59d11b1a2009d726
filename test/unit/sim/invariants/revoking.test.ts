import { CredentialsProviders } from '../../../../src/api/resources.ts'
import {
  added,
  changed,
  credential,
  deleted,
  exposed,
  fault,
  made,
  object,
  orphan,
  task,
  unmade,
} from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

const moment = '2026-01-01T00:10:00Z'
/** The provider of `db`, as it stands to the leak that was declared with its second generation. */
const provider = (word?: 'True' | 'False', observedGeneration = 2, revokeIssuedBefore: string | undefined = moment) => {
  const conditions = word === undefined ? [] : [{ type: 'Revoking', status: word, observedGeneration }]
  const meta = { name: 'ledger', uid: 'uid-postgres', generation: 2 }
  return object(CredentialsProviders, meta, { spec: { revokeIssuedBefore }, status: { conditions } })
}
const issued = [added(task('task-1', 'queued')), made('a'), pass(600)]
const holding = credential({ versions: [exposed(1, 'a')] })
const owing = credential({ unresolved: [{ provider: { uid: 'uid-postgres' } }] })
const orphaned = {
  ...orphan('task-1', 'a'),
  object: { ...orphan('task-1', 'a').object, spec: { provider: { uid: 'uid-postgres' } } },
}

check([
  {
    id: 'L1 revoking',
    keeps: {
      'it says that something is left': [...issued, added(holding), added(provider('True')), pass(3600)],
      'it says that nothing is': [...issued, unmade('a'), added(provider('False')), pass(3600)],
      'what is left was issued later': [
        ...issued,
        pass(1),
        made('b'),
        unmade('a'),
        added(provider('False')),
        pass(3600),
      ],
      'something may be left: a run is to be looked for': [
        added(owing),
        pass(600),
        added(provider('True')),
        pass(3600),
      ],
      'something may be left: an orphan': [added(orphaned), pass(600), added(provider('True')), pass(3600)],
      'it has had no time to say so': [...issued, added(holding), added(provider()), pass(60)],
      'the moment is to come': [...issued.slice(0, 2), added(holding), added(provider('False')), pass(540)],
      'people name no moment': [...issued, added(holding), added(provider(undefined, 2, '')), pass(3600)],
      'a clock was set': [...issued, fault('clock jumps back'), added(holding), added(provider('False')), pass(3600)],
    },
    breaks: {
      'it says that nothing is left, and something is': [
        ...issued,
        added(holding),
        added(provider('False')),
        pass(120),
      ],
      'it says nothing': [...issued, added(holding), added(provider()), pass(120)],
      'what it says is about an earlier moment': [...issued, added(holding), added(provider('True', 1)), pass(120)],
      'nothing is left, and it says that something is': [
        ...issued,
        added(holding),
        added(provider('True')),
        unmade('a'),
        deleted(holding),
        pass(120),
      ],
      'its last debt is gone, and it does not say so': [
        pass(600),
        added(owing),
        added(provider('True')),
        changed(owing, credential({})),
        pass(120),
      ],
    },
  },
])
