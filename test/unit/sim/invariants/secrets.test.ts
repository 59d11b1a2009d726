import { annotation, CustodyKind, label } from '../../../../src/api/labels.ts'
import { Secrets } from '../../../../src/api/resources.ts'
import type { Fact } from '../../../sim/observe/facts.ts'
import { added, answered, custody, job, object, target, task } from './facts-builders.ts'
import { check } from './table.ts'

const logged = (text: string): Fact => ({ kind: 'text', by: 'operator-1', text })
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const hex = (text: string): string => Buffer.from(text).toString('hex')
const percent = (text: string): string => hex(text).replace(/../g, '%$&')
const kit = (text: string) =>
  object(Secrets, { name: 'kit', labels: { [label.custody]: CustodyKind.kit } }, { data: { kit: base64(text) } })
const args = (...values: string[]): Fact => added(job({ template: { spec: { containers: [{ args: values }] } } }))

check([
  {
    id: 'S17',
    keeps: {
      'custody holds it': [added(custody('a', { key: base64('canary-1') }))],
      'the consumers read it': [added(target(1, 'a', { key: base64('canary-1') }))],
      'the texts are harmless': [logged('no canary'), args(base64('no canary'), hex('canary'), percent('canary'))],
      'lines are of different texts': [logged('can'), logged('a'), logged('ry-1')],
      'a person puts it on a Secret': [added(custody('canary-1'), 'person')],
    },
    breaks: {
      'the log holds it': [logged('password canary-1')],
      'the log holds the end of it': [logged('password …7f31-finch')],
      "the log holds a pod's token": [logged('Bearer token-00000000-0000-4000-8000-000000000017')],
      'a field of a log line holds it': [logged(`info stored ${JSON.stringify({ data: { key: 'canary-1' } })}`)],
      'two fields of a log line hold it': [logged(`info stored ${JSON.stringify({ a: 'can', b: 'ary-1' })}`)],
      'two lines hold it': [logged('password: can'), logged('ary-1')],
      'a status holds it': [added(task('task-1', 'failed', { message: 'canary-1' }))],
      'the name of a field is it': [added(job({ parameters: { 'canary-1': true } }))],
      'an annotation of a Secret holds it': [added(custody('canary-1'))],
      'a label of the target holds it': [
        added(
          object(Secrets, { name: 'db', labels: { hint: 'canary-1' }, annotations: { [annotation.version]: '1' } }, {}),
        ),
      ],
      'a kit holds it': [added(kit('{"password":"canary-1"}'))],
      'the gateway quotes it': [{ ...answered(400, 'a'), body: '{"errors":[{"message":"canary-1"}]}' } as Fact],
      'it is encoded at offset 0': [logged(base64('canary-17'))],
      'it is encoded at offset 1': [logged(base64('{canary-17'))],
      'it is encoded at offset 2': [args(base64('{"canary-17"}'))],
      'it is encoded for an address': [args(Buffer.from('?>canary-17').toString('base64url'))],
      'it is in hexadecimal': [args(hex('canary-17'))],
      'it is in hexadecimal, in capitals': [args(hex('canary-17').toUpperCase())],
      'it is percent-encoded': [args(`https://upstream/?password=${percent('canary-17')}`)],
      'it is percent-encoded in part': [logged('GET /?q=%63anary%2D17')],
      'it is split over two arguments': [args('--password=can', 'ary-17')],
      'it is encoded and split': [args(base64('canary-17').slice(0, 5), base64('canary-17').slice(5))],
    },
  },
])
