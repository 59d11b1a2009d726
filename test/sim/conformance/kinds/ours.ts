import {
  CredentialsProviders,
  CustomCredentials,
  OrphanedCredentials,
  SecretTasks,
} from '../../../../src/api/resources.ts'
import type { Json } from '../sequence.ts'
import type { Kind } from './kind.ts'

const time = '2026-01-02T03:04:05Z'
const provider = { kind: 'CredentialsProvider', name: 'postgres', uid: 'provider-uid', generation: 1 }
const credential = { namespace: 'team', name: 'orders', uid: 'credential-uid' }
const taskId = (digit: string): string => `sm-task-00000000-0000-5000-8000-00000000000${digit}`

const spec = (more: Json): Json => ({ spec: { providerRef: { name: 'p' }, ...more } })
const condition = (type: string, more: Json = {}): Json => ({
  type,
  status: 'True',
  lastTransitionTime: time,
  reason: 'Delivered',
  message: '',
  ...more,
})

export const customCredential: Kind = {
  resource: CustomCredentials,
  names: ['a', 'b'],
  marker: 'end',
  bodies: [
    spec({}),
    spec({
      providerRef: { kind: 'ClusterCredentialsProvider', name: 'q' },
      parameters: { database: 'orders', size: 3, tls: true },
      rotation: { interval: '30d', minOverlap: '10m' },
      target: { name: 'login' },
    }),
    { ...spec({ nonsense: 1, rotation: { nonsense: 'x' } }), status: { observedGeneration: 7 }, nonsense: true },
  ],
  refused: [
    {},
    { spec: 'text' },
    { spec: { providerRef: {} } },
    spec({ providerRef: { name: 'p', kind: 'Unheard' } }),
    spec({ rotation: { interval: '30s' } }),
    spec({ rotation: { interval: 'P1D' } }),
    spec({ parameters: { ratio: 1.5 } }),
    spec({ parameters: { list: ['x'] } }),
    spec({ target: { name: 'Not A Name' } }),
    { ...spec({}), metadata: { labels: { app: 'not a value!' } } },
  ],
  changes: [
    { spec: { providerRef: { name: 'q' } } },
    { spec: { rotation: { interval: '1h' } } },
    { spec: { rotation: null } },
    { spec: { rotation: { minOverlap: '90m' }, nonsense: true } },
    { spec: { parameters: { database: 'billing', size: null } } },
    { spec: { providerRef: { kind: 'CredentialsProvider' } }, status: { state: 'active' } },
  ],
  immutable: [
    { spec: { target: { type: 'kubernetes.io/tls' } } },
    { spec: { target: { type: 'example.com/login' } } },
    { spec: { target: { name: 'other', type: 'kubernetes.io/basic-auth' } } },
  ],
  statuses: [
    { observedGeneration: 1, state: 'active', stateNumber: 1, currentVersion: 1 },
    { observedGeneration: 2, state: 'destroyed', nonsense: 'x' },
    { conditions: [condition('Ready'), condition('Stalled', { status: 'False' })] },
    { conditions: [condition('Ready'), condition('Ready')] },
    { conditions: [condition('Ready', { lastTransitionTime: 'yesterday' })] },
    { nextVersion: { number: 1, attempts: 0, failures: 0 } },
    { nextVersion: { number: 1 } },
    { nextRotationTime: time, target: { name: 'login' } },
    { nextRotationTime: 'soon' },
    { state: 'unheard' },
    { stateNumber: 4 },
    { observedGeneration: -1 },
    { observedGeneration: null, state: null },
  ],
  remark: 'lastHandledRotateRequest',
  fieldSelectors: ['spec.providerRef.name=p', 'status.state=active', 'spec.providerRef.name!=q,status.state='],
}

const task = (more: Json = {}): Json => ({
  spec: {
    type: 'create_credentials',
    trigger: 'secret_creation',
    credential,
    version: 1,
    attempt: 1,
    provider,
    kit: 'kit-1',
    parameters: { database: 'orders' },
    jobNamespace: 'team',
    timeoutSeconds: 600,
    ...more,
  },
})
const errors = [{ code: 'timeout', description: 'No report in time.' }]

export const secretTask: Kind = {
  resource: SecretTasks,
  names: [taskId('a'), taskId('b')],
  marker: taskId('e'),
  bodies: [
    task(),
    task({ type: 'delete_credentials', originTaskId: taskId('0'), credentialsId: 'role-1' }),
    { ...task({ nonsense: 1 }), status: { state: 'failed' } },
  ],
  refused: [
    {},
    task({ type: 'delete_credentials' }),
    task({ credentialsId: 'role-1' }),
    task({ attempt: 0 }),
    task({ timeoutSeconds: 30 }),
    task({ trigger: 'unheard' }),
    task({ timeoutSeconds: 2_147_483_648 }),
    task({ version: '1' }),
    task({ parameters: null }),
    { spec: { kit: 'kit-1' } },
    { ...task(), metadata: { name: 'no-task-id' } },
  ],
  changes: [{ spec: { nonsense: true } }, { spec: { attempt: 1 } }, { spec: {} }],
  immutable: [{ spec: { attempt: 2 } }, { spec: { parameters: { database: 'billing' } } }, { spec: { kit: null } }],
  statuses: [
    { state: 'processing', startedAt: time },
    { state: 'processing', jobRef: { namespace: 'team', name: 'job', uid: 'job-uid' } },
    { state: 'credentials_created', outcome: 'Created', result: { credentialsId: 'role-1' } },
    { state: 'credentials_deleted', outcome: 'Deleted', finishedAt: time },
    { state: 'failed', outcome: 'Unknown', errors },
    { state: 'failed', errors },
    { state: 'queued', outcome: null, errors: null, result: null },
    { state: null },
    { outcome: 'Nothing' },
    { result: { credentialsId: 'role-2' } },
    { result: null },
    { errors: [...errors, ...errors] },
    { message: 'waits', nonsense: 1 },
    { suspect: 'why' },
  ],
  remark: 'message',
  fieldSelectors: ['status.state=queued', 'status.state!=queued', 'spec.type=delete_credentials'],
}

const orphan = (more: Json = {}): Json => ({
  spec: {
    credential,
    originTaskId: taskId('0'),
    version: 1,
    reason: 'CredentialDeleted',
    since: time,
    provider,
    kit: 'kit-1',
    ...more,
  },
})

export const orphanedCredential: Kind = {
  resource: OrphanedCredentials,
  names: ['<place>-a', '<place>-b'],
  marker: '<place>-end',
  bodies: [orphan(), orphan({ credentialsId: 'role-1', find: true })],
  refused: [
    {},
    orphan({ reason: 'Unheard' }),
    orphan({ since: 'yesterday' }),
    orphan({ provider: { name: 'postgres' } }),
    orphan({ kit: 'k'.repeat(254) }),
  ],
  changes: [{ spec: { nonsense: 1 } }, { status: { state: 'Blocked' } }, { spec: { since: time } }],
  immutable: [{ spec: { version: 2 } }, { spec: { find: false } }, { spec: { credential: { uid: 'other' } } }],
  statuses: [
    { state: 'Blocked', message: 'the provider is gone' },
    { attempts: 2, nextAttemptTime: time },
    { lastError: errors[0] },
    { lastError: { code: '' } },
    { attempts: -1 },
    { attempts: null, state: null, nonsense: 1 },
    { state: 'unheard' },
  ],
  remark: 'message',
  fieldSelectors: [],
}

const output = { name: 'password', type: 'string', required: true }
const offer = (more: Json = {}): Json => ({
  spec: {
    template: { spec: { containers: [{ name: 'provider', image: 'provider:1' }] } },
    schema: { credentials: [output] },
    ...more,
  },
})
const taking = (...parameters: readonly Json[]): Json => offer({ schema: { credentials: [output], parameters } })

export const credentialsProvider: Kind = {
  resource: CredentialsProviders,
  names: ['a', 'b'],
  marker: 'end',
  bodies: [
    offer(),
    offer({
      template: {
        metadata: { labels: { x: 'y' } },
        spec: { containers: [{ name: 'c', image: 'c', args: ['-v'] }], extra: 1 },
      },
      taskTimeout: '90s',
      capabilities: ['find'],
    }),
    taking(
      { name: 'size', type: 'integer', minimum: 1, maximum: 9 },
      { name: 'mode', type: 'enum', values: ['x', 'y'] },
    ),
  ],
  refused: [
    { spec: { template: { spec: {} }, schema: { credentials: [output] } } },
    offer({ schema: { credentials: [] } }),
    offer({ schema: { credentials: [{ name: 'password', type: 'string' }] } }),
    offer({ taskTimeout: '30s' }),
    offer({ taskTimeout: 'soon' }),
    offer({ capabilities: ['find', 'find'] }),
    offer({ capabilities: ['fly'] }),
    taking({ name: 'size', type: 'integer', minimum: 9, maximum: 1 }),
    taking({ name: 'size', type: 'string', minimum: 9 }),
    taking({ name: 'mode', type: 'enum' }),
    taking({ name: 'twice', type: 'string' }, { name: 'twice', type: 'integer' }),
    offer({
      template: {
        spec: {
          containers: [
            { name: 'x', image: 'x' },
            { name: 'y', image: 'y' },
          ],
        },
      },
    }),
  ],
  changes: [
    { spec: { taskTimeout: '5m' } },
    { spec: { capabilities: ['find'] } },
    { spec: { capabilities: null, nonsense: 1 } },
    { spec: { template: { spec: { nodeName: 'n' } } } },
  ],
  immutable: [],
  statuses: [
    { observedGeneration: 1, conditions: [condition('Accepted')] },
    { conditions: [condition('accepted')] },
    { conditions: null, observedGeneration: null },
  ],
  fieldSelectors: [],
}
