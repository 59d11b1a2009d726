import { expect, it } from 'vitest'
import type { ClusterCredentialsProvider, LabelSelector } from '../../../src/api/generated.ts'
import type { Namespace } from '../../../src/api/resources.ts'
import { resolve } from '../../../src/credentials-provider/resolve.ts'
import { aCredential, aProvider } from '../../support/builders.ts'

const inNamespace = (labels: Record<string, string>): Namespace => ({
  metadata: { name: 'team-a', uid: 'uid-team-a', resourceVersion: '1', labels },
})

/** Whether a provider of the cluster makes a credential for a namespace. */
function serves(allowed: ClusterCredentialsProvider['spec']['allowedNamespaces'], namespace: Namespace | undefined) {
  const { spec, ...provider } = aProvider()
  const allowedNamespaces = allowed && { allowedNamespaces: allowed }
  const shared: ClusterCredentialsProvider = {
    ...provider,
    spec: { ...spec, jobNamespace: 'shared', ...allowedNamespaces },
  }
  const resolution = resolve(aCredential().object, shared, namespace)
  return resolution.ok || resolution.problem.reason
}

const selector = (selected: LabelSelector) => ({ from: 'Selector', selector: selected }) as const
const untrusted = selector({ matchExpressions: [{ key: 'untrusted', operator: 'DoesNotExist' }] })
const gold = selector({ matchLabels: { tier: 'gold' } })

it.each<[string, true | 'NamespaceNotAllowed', ...Parameters<typeof serves>]>([
  ['nobody where it does not say whom', 'NamespaceNotAllowed', undefined, inNamespace({})],
  ['everybody where it says so', true, { from: 'All' }, undefined],
  ['namespaces with the label', true, gold, inNamespace({ tier: 'gold' })],
  ['no namespace without the label', 'NamespaceNotAllowed', gold, inNamespace({})],
  ['namespaces that lack a label', true, untrusted, inNamespace({})],
  ['no namespace of which it is not known yet what it lacks', 'NamespaceNotAllowed', untrusted, undefined],
])('a provider of the cluster serves %s', (_, expected, allowed, namespace) => {
  expect(serves(allowed, namespace)).toBe(expected)
})
