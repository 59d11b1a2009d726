import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { applicationManifest, sharedProvider } from '../../demo/install.ts'

const manifest = readFileSync('deploy/demo/application.yaml', 'utf8')

test('the application is that of the manifest where it has one credential', () => {
  expect(parse(applicationManifest(manifest, ['orders-db']))).toEqual(parse(manifest))
})

test('it finds each of several credentials in a folder of its own', () => {
  const { spec } = (parse(applicationManifest(manifest, ['orders', 'billing'])) as Deployment).spec.template
  expect(spec.volumes.slice(1)).toEqual(['orders', 'billing'].map((name) => ({ name, secret: { secretName: name } })))
  expect(spec.containers[0]?.volumeMounts.slice(1)).toEqual([
    { name: 'orders', mountPath: '/var/run/logins/orders' },
    { name: 'billing', mountPath: '/var/run/logins/billing' },
  ])
})

test('the provider of one namespace becomes one for all, whose Jobs run where its login lies', () => {
  const sample = readFileSync('deploy/samples/postgres-provider.yaml', 'utf8')
  const { spec, ...rest } = parse(sample) as { spec: object }
  expect(parse(sharedProvider(sample, 'databases'))).toEqual({
    ...rest,
    kind: 'ClusterCredentialsProvider',
    spec: { ...spec, jobNamespace: 'databases', allowedNamespaces: { from: 'All' } },
  })
})

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly volumes: object[]; readonly containers: { readonly volumeMounts: object[] }[] }
    }
  }
}
