import { expect, it } from 'vitest'
import type { ClusterCredentialsProvider, LabelSelector } from '../../../src/api/generated.ts'
import type { Namespace } from '../../../src/api/resources.ts'
import { type Resolution, resolve } from '../../../src/credentials-provider/resolve.ts'
import { aCredential, aProvider, at } from '../../support/builders.ts'

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

it('a tenant is not told what a dry run in the administrator’s namespace has said', () => {
  const { spec, metadata } = aProvider()
  const refused = { type: 'Accepted', status: 'False', reason: 'Rejected', message: 'exceeded quota: vault' } as const
  const condition = { ...refused, observedGeneration: metadata.generation ?? 1, lastTransitionTime: at() }
  const provider = { ...aProvider(), status: { observedGeneration: 1, conditions: [condition] } }
  const shared = { ...provider, spec: { ...spec, jobNamespace: 'vault', allowedNamespaces: { from: 'All' as const } } }
  const credential = aCredential().spec({
    providerRef: { kind: 'ClusterCredentialsProvider', name: 'postgres' },
  }).object
  const messageOf = (resolution: Resolution) => (resolution.ok ? undefined : resolution.problem.message)
  expect(messageOf(resolve(aCredential().object, provider, undefined))).toContain('exceeded quota: vault')
  expect(messageOf(resolve(credential, shared, undefined))).toBe(
    'ClusterCredentialsProvider "postgres" cannot be used: its administrator sees why in its conditions. It is checked again every minute.',
  )
})
