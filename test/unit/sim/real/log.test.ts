import { describe, expect, it } from 'vitest'
import { factsOfLog } from '../../../sim/real/log.ts'

const line = (fields: object): string => JSON.stringify(fields)
const SERVING = line({ msg: 'task gateway is listening' })
const ended = (type: string) => line({ msg: 'the operator has stopped', err: { type, message: 'why' } })

const failures = (...lines: string[]) =>
  factsOfLog(lines.join('\n'), 'operator-1').flatMap((fact) => (fact.kind === 'failed' ? [fact.why] : []))

describe('the log of a process', () => {
  it('is told line by line', () => {
    expect(factsOfLog('one\ntwo\n', 'operator-1')).toEqual([
      { kind: 'text', by: 'operator-1', text: 'one' },
      { kind: 'text', by: 'operator-1', text: 'two' },
    ])
  })

  it.each([
    ['was killed', [SERVING], []],
    ['ended by an error', [SERVING, ended('LeadershipLost')], ['LeadershipLost: why']],
    ['found no API server when it started', [ended('ApiError')], []],
    ['died of an error that nobody handled', ['Uncaught Error: x'], ['Uncaught Error: x']],
  ])('says whether it %s', (_, lines, why) => {
    expect(failures(...lines)).toEqual(why)
  })
})
