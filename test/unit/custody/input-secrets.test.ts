import { expect, it } from 'vitest'
import { label } from '../../../src/api/labels.ts'
import { type Secret, Secrets } from '../../../src/api/resources.ts'
import { copyManifest, isReadable, readCopy } from '../../../src/custody/input-secrets.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { CREDENTIAL_UID, CUSTODY } from '../../support/task-run.ts'

const secret: Secret = {
  metadata: {
    namespace: 'team-a',
    name: 'ledger-admin',
    uid: 'secret-uid',
    resourceVersion: '7',
    labels: { app: 'ledger', [label.credentialUid]: 'another' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'it quotes the values' },
  },
  type: 'kubernetes.io/basic-auth',
  data: { password: 'cA==' },
}

it('a copy gives back what a run is shown, and by what its kind is told, and no more', async () => {
  const api = new FakeApi()
  await api.create(Secrets, copyManifest(CUSTODY, { name: 'orders', uid: CREDENTIAL_UID }, secret))
  const { name, namespace, uid, resourceVersion } = secret.metadata
  await expect(readCopy({ api, namespace: CUSTODY }, CREDENTIAL_UID, name)).resolves.toEqual({
    metadata: { name, namespace, uid, resourceVersion, labels: { [label.credentialUid]: 'another' } },
    type: secret.type,
    data: secret.data,
  })
  await expect(readCopy({ api, namespace: CUSTODY }, CREDENTIAL_UID, 'other')).resolves.toBeUndefined()
})

it('what lies in custody, or says so, is read by no run', () => {
  const labelled = { metadata: { ...secret.metadata, labels: { [label.custody]: 'version' } } }
  expect([isReadable(secret, CUSTODY), isReadable(secret, 'team-a'), isReadable(labelled, CUSTODY)]).toEqual([
    true,
    false,
    false,
  ])
})
