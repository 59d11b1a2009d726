import { CredentialsProviders } from '../../../../src/api/resources.ts'
import { MOST_TASKS } from '../../../sim/observe/limits.ts'
import { added, changed, deleted, fault, lease, object, task } from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

const provider = (name: string, spec: object) => added(object(CredentialsProviders, { name }, { spec }))
const alone = provider('alone', { concurrency: 1 })
const slow = provider('slow', { rateLimit: { tasks: 1, period: '5m' } })
const leads = (name: string) => added(lease(name))
const waiting = (name: string, of: string) => task(name, 'queued', {}, { provider: { uid: `uid-${of}` } })
const claimed = (name: string, of: string) => task(name, 'processing', {}, { provider: { uid: `uid-${of}` } })
const claim = (name: string, of: string, by = 'operator-1') => changed(waiting(name, of), claimed(name, of), by)
const end = (name: string, of: string) => deleted(claimed(name, of))

check([
  {
    id: 'S25',
    keeps: {
      'one is claimed after the other': [
        leads('operator-1'),
        alone,
        claim('a', 'alone'),
        end('a', 'alone'),
        claim('b', 'alone'),
      ],
      'they have different providers': [leads('operator-1'), alone, claim('a', 'alone'), claim('b', 'other')],
      'the leader could not know of the other': [
        leads('operator-1'),
        alone,
        claim('a', 'alone', 'operator-0'),
        claim('b', 'alone'),
      ],
    },
    breaks: {
      'its provider is at its limit': [leads('operator-1'), alone, claim('a', 'alone'), claim('b', 'alone')],
      'the leader before had claimed the other long ago': [
        leads('operator-1'),
        alone,
        claim('a', 'alone', 'operator-0'),
        pass(60),
        claim('b', 'alone'),
      ],
      'the operator is at its limit': [
        leads('operator-1'),
        ...Array.from({ length: MOST_TASKS + 1 }, (_, nth) => claim(`a${nth}`, 'other')),
      ],
    },
  },
  {
    id: 'S25 rate',
    keeps: {
      'the period has passed': [leads('operator-1'), slow, claim('a', 'slow'), pass(300), claim('b', 'slow')],
      'a clock was set': [
        leads('operator-1'),
        slow,
        claim('a', 'slow'),
        fault('clock jumps ahead'),
        claim('b', 'slow'),
      ],
    },
    breaks: {
      'it has not': [leads('operator-1'), slow, claim('a', 'slow'), pass(60), claim('b', 'slow')],
    },
  },
])
