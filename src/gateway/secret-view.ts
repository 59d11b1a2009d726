import { label } from '../api/labels.ts'
import type { Secret } from '../api/resources.ts'

type Texts = Readonly<Record<string, string>>

/**
 * A Secret as IBM Secrets Manager's API shows one (Secret of API version 2), its type by that of the Secret: `imported_cert`
 * for TLS, `username_password` for basic authentication, `custom_credentials` for the target of a CustomCredential,
 * `arbitrary` where `payload` is all that it holds, else `kv`. A value that is no UTF-8 is shown in base64.
 */
export function secretView(id: string, secret: Secret): object {
  const { name, namespace, creationTimestamp } = secret.metadata
  return {
    id,
    name,
    secret_group_id: namespace,
    created_at: creationTimestamp,
    state: 1,
    state_description: 'active',
    ...contentOf(secret, textsOf(secret)),
  }
}

function contentOf({ type, metadata }: Secret, texts: Texts): object {
  if (type === 'kubernetes.io/tls')
    return { secret_type: 'imported_cert', certificate: texts['tls.crt'], private_key: texts['tls.key'] }
  if (type === 'kubernetes.io/basic-auth')
    return { secret_type: 'username_password', username: texts['username'], password: texts['password'] }
  if (metadata.labels?.[label.credentialUid] !== undefined)
    return { secret_type: 'custom_credentials', credentials_content: texts }
  if (Object.keys(texts).join() === 'payload') return { secret_type: 'arbitrary', payload: texts['payload'] }
  return { secret_type: 'kv', data: texts }
}

const textsOf = ({ data = {} }: Secret): Texts =>
  Object.fromEntries(Object.entries(data).map(([key, encoded]) => [key, textOf(encoded)]))

function textOf(encoded: string): string {
  try {
    return utf8.decode(Buffer.from(encoded, 'base64'))
  } catch {
    return encoded
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
