import type { Ask } from './ask.ts'

const OURS = '/apis/customcredentials.dev/v1alpha1'
const MARKED = `labelSelector=${encodeURIComponent('customcredentials.dev/credential-uid')}`

/** Where an operator leaves things, the owners first. */
const LISTS = [
  `${OURS}/customcredentials`,
  `${OURS}/orphanedcredentials`,
  `${OURS}/secrettasks`,
  `${OURS}/clustercredentialsproviders`,
  `/apis/batch/v1/jobs?${MARKED}`,
  `/api/v1/secrets?${MARKED}`,
]

interface Listed {
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly finalizers?: readonly string[] }
}

/**
 * Takes away by force what a test has left, finalizers and all, once its operator has ended: the next test's operator
 * would go on with it.
 */
export async function sweep(ask: Ask): Promise<void> {
  for (const list of LISTS) {
    const { body } = await ask('GET', list)
    for (const { metadata } of (body['items'] ?? []) as Listed[]) await clear(ask, list, metadata)
  }
}

async function clear(ask: Ask, list: string, { namespace, name, finalizers }: Listed['metadata']): Promise<void> {
  const [collection = ''] = list.split('?')
  const cut = collection.lastIndexOf('/')
  const where = namespace === undefined ? '' : `/namespaces/${namespace}`
  const path = `${collection.slice(0, cut)}${where}${collection.slice(cut)}/${name}`
  if (finalizers !== undefined) await ask('PATCH', path, { body: { metadata: { finalizers: null } } })
  await ask('DELETE', path, { body: { propagationPolicy: 'Background' } })
}
