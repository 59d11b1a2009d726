import type { Fact } from '../../../sim/observe/facts.ts'
import { added, custody, job, task } from './facts-builders.ts'
import { check } from './table.ts'

const logged = (text: string): Fact => ({ kind: 'text', by: 'operator-1', text })
const base64 = (text: string): string => Buffer.from(text).toString('base64')

check([
  {
    id: 'S17',
    keeps: {
      'a Secret holds it': [added(custody('a', { key: base64('canary-1') }))],
      'the texts are harmless': [logged('no canary'), added(job({ args: [base64('no canary')] }))],
      'a person puts it on a Secret': [added(custody('canary-1'), 'person')],
    },
    breaks: {
      'the log holds it': [logged('password canary-1')],
      'a status holds it': [added(task('task-1', 'failed', { message: 'canary-1' }))],
      'an annotation of a Secret holds it': [added(custody('canary-1'))],
      'it is encoded at offset 0': [logged(base64('canary-17'))],
      'it is encoded at offset 1': [logged(base64('{canary-17'))],
      'it is encoded at offset 2': [added(job({ args: [base64('{"canary-17"}')] }))],
    },
  },
])
