import { Jobs, Namespaces, Secrets } from '../../../../src/api/resources.ts'
import { leases } from '../../../../src/kube/lease-record.ts'
import type { Json } from '../sequence.ts'
import type { Kind } from './kind.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

export const secret: Kind = {
  resource: Secrets,
  names: ['a', 'b'],
  marker: 'end',
  bodies: [
    {},
    { data: { password: base64('p') }, type: 'customcredentials.dev/credential' },
    { data: { password: base64('p') }, immutable: true },
    { stringData: { user: 'u' }, data: { user: base64('v'), password: base64('p') } },
  ],
  refused: [
    { data: { password: 'not base64!' } },
    { data: { 'not a key': base64('p') } },
    { data: ['x'] },
    { metadata: { labels: { app: 'not a value!' } } },
    { metadata: { annotations: { 'not a key!': 'x' } } },
  ],
  changes: [
    { data: { password: base64('q') } },
    { data: { user: base64('u'), password: null } },
    { data: null },
    { stringData: { user: 'w' } },
    { immutable: true },
  ],
  immutable: [{ type: 'customcredentials.dev/other' }, { immutable: null }, { immutable: false }],
  statuses: [{ state: 'x' }],
  fieldSelectors: ['type=Opaque', 'metadata.name=a'],
}

const container = { name: 'provider', image: 'provider:1' }
const pod = (more: Json = {}): Json => ({ restartPolicy: 'Never', containers: [container], ...more })

/** Suspended, so that they mean the same with and without a Job controller. */
const jobOf = (template: Json, more: Json = {}): Json => ({ spec: { suspend: true, template, ...more } })

export const job: Kind = {
  resource: Jobs,
  names: ['a', 'b'],
  marker: 'end',
  bodies: [
    jobOf({ spec: pod() }),
    jobOf(
      {
        metadata: { labels: { task: 'x' }, annotations: { ca: 'pem' } },
        spec: pod({
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              ...container,
              env: [{ name: 'SM_ACTION', value: 'create_credentials' }],
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'gateway', mountPath: '/var/run/gateway', readOnly: true }],
            },
          ],
          volumes: [
            {
              name: 'gateway',
              projected: {
                sources: [
                  { serviceAccountToken: { path: 'token', audience: 'gateway', expirationSeconds: 720 } },
                  {
                    downwardAPI: { items: [{ path: 'ca.crt', fieldRef: { fieldPath: "metadata.annotations['ca']" } }] },
                  },
                ],
              },
            },
          ],
        }),
      },
      { backoffLimit: 0, completions: 1, parallelism: 1, activeDeadlineSeconds: 660, ttlSecondsAfterFinished: 3600 },
    ),
  ],
  refused: [
    {},
    jobOf({ spec: { containers: [container] } }),
    jobOf({ spec: pod({ restartPolicy: 'Always' }) }),
    jobOf({ spec: pod({ containers: [] }) }),
    jobOf({ spec: pod() }, { backoffLimit: -1 }),
    jobOf({ spec: pod({ containers: [{ name: 'provider' }] }) }),
  ],
  changes: [
    { spec: { activeDeadlineSeconds: 60 } },
    { spec: { parallelism: 2 } },
    { spec: { ttlSecondsAfterFinished: null } },
    { spec: { suspend: false } },
    { spec: { backoffLimit: 3 } },
  ],
  immutable: [
    { spec: { completions: 2 } },
    { spec: { template: { spec: { containers: [{ ...container, image: 'provider:2' }] } } } },
    { spec: { selector: { matchLabels: { x: 'y' } } } },
  ],
  statuses: [],
  fieldSelectors: ['metadata.name=a'],
}

export const lease: Kind = {
  resource: leases,
  names: ['a', 'b'],
  marker: 'end',
  bodies: [
    { spec: { holderIdentity: 'one', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.000006Z' } },
    { spec: {} },
    {},
  ],
  refused: [{ spec: { leaseDurationSeconds: 0 } }, { spec: { leaseTransitions: -1 } }, { spec: { renewTime: 'now' } }],
  changes: [
    { spec: { holderIdentity: 'two', leaseTransitions: 1 } },
    { spec: { holderIdentity: '' } },
    { spec: { renewTime: '2026-01-02T03:05:05.000000Z' } },
  ],
  immutable: [],
  statuses: [{ state: 'x' }],
  fieldSelectors: ['metadata.name!=a'],
}

export const namespace: Kind = {
  resource: Namespaces,
  names: ['<place>', '<place>-a'],
  marker: '<place>-end',
  bodies: [{}, { metadata: { annotations: { team: 'x' } } }],
  refused: [{ metadata: { labels: { app: 'not a value!' } } }],
  changes: [
    { metadata: { labels: { 'kubernetes.io/metadata.name': null } } },
    { metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } } },
  ],
  immutable: [],
  statuses: [],
  fieldSelectors: ['status.phase=Terminating', 'status.phase=Active'],
}
