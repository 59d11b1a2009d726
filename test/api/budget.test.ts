import { afterAll, beforeAll, expect, test } from 'vitest'
import { AuditLog, type AuditEvent } from '../cluster/index.ts'
import { asker } from '../support/ask.ts'
import { ownCluster } from '../support/own-cluster.ts'
import { Stage } from '../support/stage.ts'
import { sweep } from '../support/sweep.ts'
import type { Tenant } from '../support/tenant.ts'
import { install, OPERATOR } from './crds-cluster.ts'

const cluster = ownCluster()
const CUSTODY = 'custom-credentials-system'
let stage: Stage
let tenant: Tenant

beforeAll(async () => {
  await install()
  // What other tests have left behind would be looked at, and counted.
  await sweep(asker(cluster))
  stage = await Stage.open(cluster)
  tenant = await stage.tenant('budget')
  await tenant.verdict('ledger')
})

afterAll(() => stage[Symbol.asyncDispose]())

/** What the operator asked of the API server, and how often, apart from its lease, its events and its watches. */
function requests(audit: AuditLog): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const event of audit.events().filter(isCounted)) {
    const name = nameOf(event)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

const isCounted = ({ user, verb, objectRef: { resource = '', namespace } = { resource: '' } }: AuditEvent): boolean =>
  user.username === OPERATOR.user &&
  verb !== 'watch' &&
  !['leases', 'events'].includes(resource) &&
  // By a dry run: where a busy machine takes seconds to make a pod, the operator asks what keeps it away.
  !(verb === 'create' && resource === 'pods') &&
  // What the namespaces of other tests still tell of is theirs.
  [undefined, CUSTODY, tenant.name].includes(namespace)

const nameOf = ({ verb, objectRef, responseStatus }: AuditEvent): string => {
  const { resource = '', subresource, namespace } = objectRef ?? {}
  const where = resource === 'secrets' && namespace === CUSTODY ? ' in custody' : ''
  const refused = (responseStatus?.code ?? 0) >= 300 ? ` (${responseStatus?.code ?? 0})` : ''
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}${where}${refused}`
}

const creation = {
  'create secrettasks': 1,
  'patch secrettasks/status': 2,
  'create jobs': 1,
  'create secrets in custody': 1,
  'patch secrets': 1,
  'patch customcredentials/status': 1,
  'patch jobs': 1,
}

const deletion = {
  'create secrettasks': 1,
  'patch secrettasks/status': 2,
  'create jobs': 1,
  'delete secrets in custody': 1,
  'patch customcredentials/status': 1,
  'patch jobs': 1,
}

/** Not a write, and the only read: one for each report. */
const review = { 'create tokenreviews': 1 }

function sum(...parts: readonly Record<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {}
  for (const [name, count] of parts.flatMap((part) => Object.entries(part))) total[name] = (total[name] ?? 0) + count
  return total
}

const total = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0)

test('the budget of the design is 8 writes for a create task and 7 for a delete task', () => {
  expect(total(creation)).toBe(8)
  expect(total(deletion)).toBe(7)
})

test('a first creation costs its task, and by name: finalizers, the revocation kit, the first status', async () => {
  const audit = new AuditLog(cluster.auditLogPath)
  await tenant.credential('orders')
  await tenant.reaches('orders', 1)
  await released()
  const { 'patch secrets': _rotated, ...task } = creation
  const extras = {
    'create secrets': 1, // the target Secret, made instead of changed
    'patch customcredentials': 1,
    'patch credentialsproviders': 1, // once for all that it ever makes
    'create secrets in custody': 1,
    'patch customcredentials/status': 1,
  }
  await expect.poll(() => requests(audit)).toEqual(sum(task, extras, review))
})

test('a rotation that displaces nothing costs a create task and no more', async () => {
  const audit = new AuditLog(cluster.auditLogPath)
  await tenant.rotate('orders', 'second')
  await tenant.reaches('orders', 2)
  await released()
  await expect.poll(() => requests(audit)).toEqual(sum(creation, review))
})

test('a steady rotation costs a create task and a delete task: no further write, no refused one, no read', async () => {
  const audit = new AuditLog(cluster.auditLogPath)
  for (const version of [3, 4, 5]) {
    await tenant.rotate('orders', `for version ${version}`)
    await tenant.reaches('orders', version)
    await expect.poll(async () => (await tenant.read('orders'))?.status.versions?.length).toBe(2)
    await released()
  }
  const each = sum(creation, deletion, review, review)
  await expect.poll(() => requests(audit)).toEqual(sum(each, each, each))
})

test('the end costs a delete task for each version, and by name: what is taken away with the object', async () => {
  const audit = new AuditLog(cluster.auditLogPath)
  const tasks = await tenant.tasks('orders')
  await tenant.remove('orders')
  await tenant.vanishes('orders')
  const extras = {
    'patch customcredentials': 1, // the finalizer
    'patch customcredentials/status': 1, // what is owed, before the first task
    'delete secrets': 1, // the target
    'delete secrets in custody': 1, // the revocation kit
    'delete secrettasks': tasks.length + 2,
    // Before the last hold goes, one exact look for what the caches may not know of.
    'list secrets in custody': 1,
    'list jobs': 1,
  }
  await expect.poll(() => requests(audit)).toEqual(sum(deletion, deletion, review, review, extras))
})

/** Nothing bears our finalizer any more: the last write of each task is done. */
async function released(): Promise<void> {
  const held = async () => {
    const { body } = await stage.ask('GET', tenant.jobs())
    const jobs = (body['items'] ?? []) as { metadata: { finalizers?: string[] } }[]
    return jobs.filter(({ metadata }) => (metadata.finalizers ?? []).length > 0).length
  }
  await expect.poll(held).toBe(0)
}
