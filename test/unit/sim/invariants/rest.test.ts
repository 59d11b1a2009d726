import { ClusterCredentialsProviders, Namespaces } from '../../../../src/api/resources.ts'
import type { Fact } from '../../../sim/observe/facts.ts'
import { added, changed, credential, custody, ended, hostile, job, made, object, orphan } from './facts-builders.ts'
import { rendered, started, target, task, version } from './facts-builders.ts'
import { check } from './table.ts'

const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const unready = { conditions: [{ type: 'Ready', status: 'False', reason: 'Creating' }] }
const going = { deletionTimestamp: '2026-01-01T00:00:00Z' }
const names = (status: Record<string, unknown>): Fact => added(credential(status))
const shows = (version: number, observedGeneration = 2): Fact =>
  added(credential({ currentVersion: version, observedGeneration, target: { name: 'db' } }, { generation: 2 }))

/** Credential `db` at version 2, with version 1 as the previous one unless told otherwise; both lie in custody. */
const wants = (spec: object, previousVersion: number | undefined = 1): Fact[] => [
  added(custody('a')),
  added(custody('b', { key: 'Yg==' }, 2)),
  added(credential({ currentVersion: 2, previousVersion, target: { name: 'db' } }, {}, { target: spec })),
]
const looks = (data: Record<string, string>, labels: Record<string, string> = {}): Fact =>
  added(rendered(target(2, 'b', data), labels))
const beside = { previousKeys: { prefix: 'previous_' } }
const url = { template: { url: 'http://{{ key }}' } }
const text = (plain: string): string => Buffer.from(plain).toString('base64')

const shop = object(Namespaces, { name: 'shop', namespace: '' }, {})
const cloud = (from?: string) =>
  object(ClusterCredentialsProviders, { name: 'cloud', namespace: '' }, { spec: { allowedNamespaces: { from } } })
const atCloud = credential(unready, {}, { providerRef: { kind: 'ClusterCredentialsProvider', name: 'cloud' } })

check([
  {
    id: 'L1',
    keeps: {
      'all are ready': [names(ready)],
      'one is being deleted': [added(credential(unready, going))],
      'its provider does not serve its namespace': [added(shop), added(cloud()), added(atCloud)],
      'a person took something away': [hostile('remove secrets from custody'), names(unready)],
    },
    breaks: {
      'one is not ready': [names(unready)],
      'one has no condition': [names({})],
      'its provider serves its namespace': [added(shop), added(cloud('All')), added(atCloud)],
      'one is ready no longer': [names(ready), changed(credential(ready), credential(unready))],
    },
  },
  {
    id: 'L1 delivered',
    keeps: {
      'the Secret shows the current version': [added(target(2, 'b')), shows(2)],
      'nothing was delivered yet': [added(credential({ observedGeneration: 0 }, { generation: 1 }))],
      'the credential is being deleted': [added(credential({ currentVersion: 2 }, { ...going, generation: 1 }))],
    },
    breaks: {
      'the Secret shows another version': [added(target(1, 'a')), shows(2)],
      'the Secret holds what somebody has made of it': [
        added(custody('b', { key: 'Yg==' }, 2)),
        added(target(2, 'b', { key: 'ZWRpdGVk' })),
        shows(2),
      ],
      'there is no Secret': [shows(2)],
      'the status is about an earlier spec': [added(target(2, 'b')), shows(2, 1)],
    },
  },
  {
    id: 'L1 rendered',
    keeps: {
      'nothing is asked for': [...wants({}), added(target(2, 'b', { key: 'Yg==' }))],
      'the labels are there': [...wants({ labels: { app: 'shop' } }), looks({ key: 'Yg==' }, { app: 'shop' })],
      'the template is followed': [...wants(url), looks({ url: text('http://b') })],
      'the previous version is shown': [...wants(beside), looks({ key: 'Yg==', previous_key: 'YQ==' })],
      'there is no previous version': [...wants(beside, 0), looks({ key: 'Yg==' })],
      'a person took something away': [hostile('remove secrets from custody'), ...wants(url), looks({})],
    },
    breaks: {
      'a label is missing': [looks({ key: 'Yg==' }), ...wants({ labels: { app: 'shop' } })],
      'a label is left': [looks({ key: 'Yg==' }, { app: 'shop' }), ...wants({})],
      'the type is another': [looks({ key: 'Yg==' }), ...wants({ type: 'example.com/login' })],
      'an earlier template was followed': [looks({ url: text('ftp://b') }), ...wants(url)],
      'a key is left of an earlier template': [looks({ url: text('http://b'), old: 'Yg==' }), ...wants(url)],
      'the previous version is not shown': [looks({ key: 'Yg==' }), ...wants(beside)],
      'one is shown that is in use no more': [looks({ key: 'Yg==', previous_key: 'YQ==' }), ...wants(beside, 0)],
    },
  },
  {
    id: 'L2',
    keeps: {
      'all has ended': [added(task('task-1', 'failed')), started(), ended()],
      'a released Job awaits its removal': [added(job({}, { finalizers: [] }))],
    },
    breaks: {
      'a task is queued': [added(task('task-1', 'queued'))],
      'a task is processing': [added(task('task-1', 'processing'))],
      'a Job is held': [added(job())],
      'a container is at work': [started()],
    },
  },
  {
    id: 'L3',
    keeps: {
      'versions name all': [made('a'), names({ versions: [version(1, 'a')] })],
      'what is left is owed': [names({ unresolved: [{ originTaskId: 'task-1', credentialsId: 'a' }] }), made('a')],
      'what is left has an orphan': [added(orphan('task-1')), made('a')],
    },
    breaks: {
      'nothing names what exists': [names({ versions: [] }), made('a')],
      'a version does not exist': [names({ versions: [version(1, 'a')] })],
    },
  },
  {
    id: 'L5',
    keeps: { 'nothing is being deleted': [names(ready)] },
    breaks: { 'a deleted credential stays': [added(credential({}, going))] },
  },
])
