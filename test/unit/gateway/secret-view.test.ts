import { expect, it } from 'vitest'
import { label } from '../../../src/api/labels.ts'
import type { Secret } from '../../../src/api/resources.ts'
import { secretView } from '../../../src/gateway/secret-view.ts'

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64')
const metadata = {
  namespace: 'team-a',
  name: 'ledger-admin',
  uid: 'secret-uid',
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
}
const holding = (values: Record<string, string | Buffer>, more: Partial<Secret> = {}): Secret => ({
  metadata,
  type: 'Opaque',
  data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)])),
  ...more,
})
const made = { metadata: { ...metadata, labels: { [label.credentialUid]: 'another' } } }

it('tells what a Secret is, beside what it holds', () => {
  expect(secretView('id-1', holding({ user: 'root' }))).toEqual({
    id: 'id-1',
    name: 'ledger-admin',
    secret_group_id: 'team-a',
    created_at: '2026-01-01T00:00:00Z',
    state: 1,
    state_description: 'active',
    secret_type: 'kv',
    data: { user: 'root' },
  })
})

it.each<[string, Secret, object]>([
  ['an empty Secret', { metadata, type: 'Opaque' }, { secret_type: 'kv', data: {} }],
  ['one text', holding({ payload: 'x' }), { secret_type: 'arbitrary', payload: 'x' }],
  [
    'a login',
    holding({ username: 'root', password: 'ü' }, { type: 'kubernetes.io/basic-auth' }),
    { secret_type: 'username_password', username: 'root', password: 'ü' },
  ],
  [
    'a certificate',
    holding({ 'tls.crt': 'C', 'tls.key': 'K', 'ca.crt': 'A' }, { type: 'kubernetes.io/tls' }),
    { secret_type: 'imported_cert', certificate: 'C', private_key: 'K' },
  ],
  [
    'the target of a credential',
    holding({ password: 'p' }, made),
    { secret_type: 'custom_credentials', credentials_content: { password: 'p' } },
  ],
  [
    'what is no text',
    holding({ keystore: Buffer.from([0xff, 0x00]), text: 't' }),
    { secret_type: 'kv', data: { keystore: '/wA=', text: 't' } },
  ],
])('%s is shown as IBM Secrets Manager shows one of its kind', (_, secret, content) => {
  expect(secretView('id-1', secret)).toMatchObject(content)
})
