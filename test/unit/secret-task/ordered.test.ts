import { describe, expect, it } from 'vitest'
import type { CustomCredential, OrphanedCredential, SecretTask } from '../../../src/api/generated.ts'
import { label } from '../../../src/api/labels.ts'
import type { Key, KubeObject } from '../../../src/api/meta.ts'
import type { Caches } from '../../../src/caches.ts'
import { isOrdered } from '../../../src/secret-task/ordered.ts'
import { aCredential, KIT, owedBy } from '../../support/builders.ts'
import { aCreation, aDeletion } from '../../support/builders-tasks.ts'
import { anOrphan } from '../../support/builders-snapshot.ts'
import { CREDENTIAL_UID, CUSTODY } from '../../support/task-run.ts'

const kit = (uid = CREDENTIAL_UID): KubeObject => ({
  metadata: { namespace: CUSTODY, name: KIT, uid: 'kit', resourceVersion: '1', labels: { [label.credentialUid]: uid } },
})
const owing = aCredential().owing(owedBy(1)).object
const orphan = anOrphan(owedBy(1))

interface Cluster {
  readonly secrets?: readonly KubeObject[]
  readonly credentials?: readonly CustomCredential[]
  readonly orphans?: readonly OrphanedCredential[]
}

const store = (objects: readonly KubeObject[]) => ({
  get: ({ namespace, name }: Key) =>
    objects.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
})

const ordered = (
  task: SecretTask,
  { secrets = [kit()], credentials = [owing], orphans = [] }: Cluster = {},
): boolean => {
  const caches = { secrets: store(secrets), credentials: store(credentials), orphans: store(orphans) }
  const namespaces = { custodyNamespace: CUSTODY, revocationNamespace: 'revocation' }
  return isOrdered(caches as unknown as Caches, namespaces, task)
}

const create = aCreation(1).object
const remove = aDeletion(1).object
const moved = (task: SecretTask, metadata: Partial<SecretTask['metadata']>): SecretTask => ({
  ...task,
  metadata: { ...task.metadata, ...metadata },
})
const ofOrphan = moved(remove, { namespace: 'revocation', labels: { [label.orphan]: orphan.metadata.name } })

describe('a task was ordered by the operator', () => {
  it.each<[string, boolean]>([
    ['if it creates, by a kit in custody', ordered(create)],
    ['if it deletes what its credential owes', ordered(remove)],
    ['if it deletes what an orphan owes', ordered(ofOrphan, { orphans: [orphan], credentials: [] })],
  ])('%s', (_, found) => {
    expect(found).toBe(true)
  })
})

describe('a task made by hand under a predictable name is not: it shows', () => {
  const other = aCreation(1).spec({ parameters: { database: 'everything' } }).object
  it.each<[string, boolean]>([
    ['by its kit, which is not in custody', ordered(create, { secrets: [] })],
    ['by its kit, which is another credential’s', ordered(create, { secrets: [kit('another')] })],
    ['by its run, which is not what its kit is named after', ordered(other)],
    ['by its name, which is not that of its attempt', ordered(moved(create, { name: aCreation(1, 2).id }))],
    ['by its namespace, which is not its credential’s', ordered(moved(create, { namespace: 'team-b' }))],
    ['by what it deletes, which is not owed', ordered(remove, { credentials: [aCredential().object] })],
    ['by what it deletes, whose credential is gone', ordered(remove, { credentials: [] })],
    [
      'by what it deletes, whose credential is another one of that name (S16)',
      ordered(remove, { credentials: [aCredential().owing(owedBy(1)).metadata({ uid: 'made again' }).object] }),
    ],
    ['by other credentials than those owed', ordered(aDeletion(1, { credentialsId: 'role-9' }).object)],
    ['by its orphan, which is not there', ordered(ofOrphan)],
    ['by its orphan, which owes something else', ordered(ofOrphan, { orphans: [anOrphan(owedBy(2))] })],
    [
      'by its namespace, which is not where orphans are revoked',
      ordered(moved(ofOrphan, { namespace: 'team-a' }), { orphans: [orphan] }),
    ],
  ])('%s', (_, found) => {
    expect(found).toBe(false)
  })
})
