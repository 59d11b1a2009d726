import { label } from '../../../../src/api/labels.ts'
import { ClusterCredentialsProviders, CredentialsProviders, Namespaces } from '../../../../src/api/resources.ts'
import { added, changed, deleted, job, object, task } from './facts-builders.ts'
import { pass } from './judge.ts'
import { check } from './table.ts'

const local = (namespace: string) => object(CredentialsProviders, { namespace, name: 'ledger' }, {})
const shared = (allowedNamespaces?: object) =>
  object(ClusterCredentialsProviders, { name: 'cloud' }, { spec: { allowedNamespaces, jobNamespace: 'cloud' } })
const sharedIn = (jobNamespace: string) =>
  object(ClusterCredentialsProviders, { name: 'cloud' }, { spec: { jobNamespace } })
const shop = (labels = {}) => object(Namespaces, { name: 'shop', labels }, {})
const run = (kind: string, uid: string, more = {}) =>
  task(
    'task-1',
    'queued',
    {},
    { provider: { kind, name: 'any', uid }, credential: { namespace: 'shop', uid: 'uid-db' }, ...more },
  )
const ofLocal = run('CredentialsProvider', 'uid-ledger')
const ofShared = run('ClusterCredentialsProvider', 'uid-cloud')
const gold = { from: 'Selector', selector: { matchLabels: { tier: 'gold' } } }

const reader = { template: { spec: { containers: [{ env: [{ valueFrom: { secretKeyRef: { name: 'login' } } }] }] } } }
const jobIn = (namespace: string, spec: object) =>
  job({ ...spec }, { namespace, labels: { [label.taskUid]: 'uid-task-1' } })

check([
  {
    id: 'S20',
    keeps: {
      'the provider is in its namespace': [added(local('shop')), added(ofLocal)],
      'the provider serves all': [added(shop()), added(shared({ from: 'All' })), added(ofShared)],
      'the provider serves such namespaces': [added(shop({ tier: 'gold' })), added(shared(gold)), added(ofShared)],
      'the grant has just been taken away': [
        added(shop()),
        added(shared({ from: 'All' })),
        changed(shared({ from: 'All' }), shared()),
        pass(60),
        added(ofShared),
      ],
      'a person makes the task': [added(local('bank')), added(ofLocal, 'person')],
      'a deletion outlives its provider': [
        deleted(local('shop')),
        added(run('CredentialsProvider', 'uid-gone', { type: 'delete_credentials' })),
      ],
    },
    breaks: {
      'the provider is in another namespace': [added(local('bank')), added(ofLocal)],
      'the provider serves nobody': [added(shop()), added(shared()), added(ofShared)],
      'the provider serves others': [added(shop({ tier: 'lead' })), added(shared(gold)), added(ofShared)],
      'the grant was taken away long ago': [
        added(shop()),
        added(shared({ from: 'All' })),
        changed(shared({ from: 'All' }), shared()),
        pass(600),
        added(ofShared),
      ],
    },
  },
  {
    id: 'S20 reach',
    keeps: {
      'it runs where the administrator says': [added(shared()), added(ofShared), added(jobIn('cloud', {}))],
      'it runs apart': [added(shared()), added(ofShared), added(jobIn('revocation', {}))],
      'the administrator has chosen the namespace of the tenant': [
        added(sharedIn('shop')),
        changed(sharedIn('shop'), shared()),
        added(ofShared),
        added(jobIn('shop', {})),
      ],
      'the provider is of the namespace': [added(local('shop')), added(ofLocal), added(jobIn('shop', {}))],
    },
    breaks: {
      'it runs in the namespace of the tenant': [added(shared()), added(ofShared), added(jobIn('shop', {}))],
    },
  },
  {
    id: 'S36',
    keeps: {
      'it runs at home': [added(ofLocal), added(jobIn('shop', reader))],
      'it runs where the administrator says': [added(shared()), added(ofShared), added(jobIn('cloud', reader))],
      'the provider is gone since': [
        added(shared()),
        deleted(shared()),
        added(ofShared),
        added(jobIn('cloud', reader)),
      ],
      'it refers to nothing': [added(ofLocal), added(jobIn('revocation', {}))],
    },
    breaks: {
      'it finds a Secret elsewhere': [added(ofLocal), added(jobIn('revocation', reader))],
      'it uses the rights of another namespace': [
        added(ofShared),
        added(jobIn('shop', { template: { spec: { serviceAccountName: 'admin' } } })),
      ],
    },
  },
])
