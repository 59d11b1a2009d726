import { expect, it } from 'vitest'
import { placeOf, readRequest } from '../../../sim/real/request.ts'

it.each([
  ['POST', '/api/v1/namespaces/a/secrets', 'write create secrets'],
  ['PATCH', '/apis/customcredentials.dev/v1alpha1/namespaces/a/secrettasks/t/status', 'write patch secrettasks/status'],
  ['DELETE', '/apis/batch/v1/namespaces/a/jobs/t', 'write delete jobs'],
  ['POST', '/apis/batch/v1/namespaces/a/jobs?dryRun=All', 'read dry-run jobs'],
  ['GET', '/apis/batch/v1/namespaces/a/jobs/t', 'read get jobs'],
  ['GET', '/api/v1/pods?labelSelector=x', 'read list pods'],
  ['GET', '/api/v1/secrets?watch=true&resourceVersion=5', 'open watch secrets'],
  ['GET', '/api/v1/secrets?limit=500&continue=abc', 'read page secrets'],
  ['GET', '/api/v1/namespaces/a', 'read get namespaces'],
  ['POST', '/apis/authentication.k8s.io/v1/tokenreviews', 'read review'],
  ['PATCH', '/apis/coordination.k8s.io/v1/namespaces/a/leases/l', 'aside patch leases'],
  ['POST', '/apis/events.k8s.io/v1/namespaces/a/events', 'aside create events'],
])('%s %s passes the place "%s"', (method, path, place) => {
  expect(placeOf(readRequest(method, path, undefined))).toBe(place)
})

it('knows what a creation is about from its body', () => {
  const request = readRequest('POST', '/api/v1/namespaces/a/secrets', { metadata: { name: 'orders' } })
  expect(request).toMatchObject({ verb: 'create', plural: 'secrets', namespace: 'a', name: 'orders', dryRun: false })
})
