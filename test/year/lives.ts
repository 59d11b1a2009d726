import type { CustomCredentialSpec } from '../../src/api/generated.ts'

/** A credential of the year, and how it ends. */
export interface Life {
  readonly name: string
  /** Of its spec, what the others do not have. */
  readonly spec: Partial<CustomCredentialSpec>
  /** The application logs in with it all the while. */
  readonly inUse: boolean
  /** `Expired`: it lives by request alone, and nobody asks at the end. */
  readonly ends: 'Ready' | 'Expired' | 'Deleted'
}

/**
 * Versions stay usable for so long after their successor has arrived, in place of days: a kubelet takes a minute and a half to
 * show a Secret's change to a container, and longer on a busy machine. A minute is three weeks of the year.
 */
const minOverlap = '70d'

const ready = (name: string, spec: Life['spec']): Life => ({ name, spec, inUse: true, ends: 'Ready' })

export const LIVES: readonly Life[] = [
  ready('orders', { rotation: { interval: '20d', minOverlap } }),
  ready('billing', {
    rotation: {
      interval: '30d',
      minOverlap,
      // Longer than the calendar leaps (accelerated-clock.ts), or it might leap over it.
      window: { schedule: '0 0 1 * *', timeZone: 'Europe/Berlin', duration: '7d' },
    },
  }),
  ready('archive', { rotation: { interval: '45d', minOverlap, jitter: '10d' } }),
  // Each version reaches its end before the successor of its own successor would take its place.
  ready('shipping', { rotation: { interval: '90d', minOverlap }, ttl: '170d' }),
  ready('ledger', { rotation: { interval: '45d', minOverlap } }),
  ready('metrics', { rotation: { interval: '60d', minOverlap } }),
  ready('staging', { rotation: { interval: '60d', minOverlap } }),
  {
    name: 'reports',
    spec: {
      parameters: { database: 'orders', role: 'orders_readonly' },
      rotation: { interval: '90d', minOverlap },
      applyPolicy: 'Immediate',
    },
    inUse: false,
    ends: 'Ready',
  },
  { name: 'campaign', spec: { ttl: '60d' }, inUse: false, ends: 'Expired' },
  { name: 'partner', spec: { rotation: { interval: '45d', minOverlap: '20d' } }, inUse: false, ends: 'Deleted' },
]

/** The objects as they are applied. Every record of the year's tasks is kept, to be counted. */
export const manifestOf = ({ name, spec }: Life): object => ({
  apiVersion: 'customcredentials.dev/v1alpha1',
  kind: 'CustomCredential',
  metadata: { name },
  spec: {
    providerRef: { name: 'postgres' },
    parameters: { database: 'orders', role: 'orders_readwrite' },
    taskHistoryLimit: 100,
    ...spec,
  },
})
