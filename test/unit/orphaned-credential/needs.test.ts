import { expect, it } from 'vitest'
import { needsOf } from '../../../src/orphaned-credential/needs.ts'

const container = (more: object) => ({ spec: { containers: [{ name: 'provider', image: 'p:1', ...more }] } })
const volume = (source: object) => ({ spec: { volumes: [{ name: 'v', ...source }] } })
const ref = { name: 'login' }

it.each<[string, object, string[]]>([
  ['nothing', container({ env: [{ name: 'PGHOST', value: 'db' }] }), []],
  [
    'a key of a Secret',
    container({ env: [{ name: 'P', valueFrom: { secretKeyRef: { ...ref, key: 'p' } } }] }),
    ['secretKeyRef'],
  ],
  [
    'a key of a ConfigMap',
    container({ env: [{ name: 'P', valueFrom: { configMapKeyRef: ref } }] }),
    ['configMapKeyRef'],
  ],
  ['a whole Secret', container({ envFrom: [{ secretRef: ref }] }), ['secretRef']],
  ['a whole ConfigMap', container({ envFrom: [{ configMapRef: ref }] }), ['configMapRef']],
  ['a Secret as a volume', volume({ secret: { secretName: 'login' } }), ['secret']],
  ['a ConfigMap as a volume', volume({ configMap: ref }), ['configMap']],
  ['a Secret within a projected volume', volume({ projected: { sources: [{ secret: ref }] } }), ['secret']],
  ['a claim', volume({ persistentVolumeClaim: { claimName: 'c' } }), ['persistentVolumeClaim']],
  [
    'a Secret of a storage driver',
    volume({ csi: { driver: 'd', nodePublishSecretRef: ref } }),
    ['nodePublishSecretRef'],
  ],
  [
    'Secrets from a vault, by a storage driver',
    volume({ csi: { driver: 'secrets-store.csi.k8s.io', volumeAttributes: { secretProviderClass: 'login' } } }),
    ['secretProviderClass'],
  ],
  ['a Secret of a file share', volume({ azureFile: { secretName: 'login', shareName: 's' } }), ['azureFile']],
  ['a service account', { spec: { serviceAccountName: 'runner' } }, ['serviceAccountName']],
  ['Secrets to pull images with', { spec: { imagePullSecrets: [ref] } }, ['imagePullSecrets']],
  ['an init container’s Secret', { spec: { initContainers: [{ envFrom: [{ secretRef: ref }] }] } }, ['secretRef']],
  ['each once', container({ envFrom: [{ secretRef: ref }, { secretRef: ref }] }), ['secretRef']],
])('a template may refer to %s', (_, template, expected) => {
  expect(needsOf(template)).toEqual(expected)
})
