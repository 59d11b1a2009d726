import { describe, expect, it } from 'vitest'
import type { Caches } from '../../../src/caches.ts'
import { createMetrics } from '../../../src/observability/metrics.ts'
import { aCredential, type CredentialBuilder, at } from '../../support/builders.ts'
import { aCreation, type TaskBuilder } from '../../support/builders-tasks.ts'

const ready = (status: 'True' | 'False', reason: string) => ({
  type: 'Ready',
  status,
  reason,
  message: '',
  lastTransitionTime: at(),
})

/** What is scraped, line by line, of the operator's own objects. */
function scraped(held: CredentialBuilder[], tasks: readonly TaskBuilder[] = []) {
  const metrics = createMetrics()
  const none = { list: () => [] }
  const credentials = { list: () => held.map(({ object }) => object) }
  const listed = { list: () => tasks.map(({ object }) => object) }
  metrics.observe({ credentials, tasks: listed, orphans: none } as unknown as Caches, () => true)
  return { lines: async () => (await metrics.render()).split('\n'), held }
}

describe('metrics of what the caches hold', () => {
  const delivered = aCredential().status({ state: 'active', conditions: [ready('True', 'Delivered')] })
  const missing = aCredential().status({ conditions: [ready('False', 'ProviderNotFound')] })

  it('count the conditions of credentials, by type, status and reason', async () => {
    const { lines } = scraped([delivered, delivered, missing])
    const of = (status: string, reason: string) =>
      `customcredentials_credential_conditions{type="Ready",status="${status}",reason="${reason}"}`
    expect(await lines()).toEqual(
      expect.arrayContaining([`${of('True', 'Delivered')} 2`, `${of('False', 'ProviderNotFound')} 1`]),
    )
  })

  it('tell how many tasks wait for their turn', async () => {
    const { lines } = scraped([], [aCreation(1).queued(), aCreation(2).queued(), aCreation(3).processing()])
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'customcredentials_tasks{state="queued"} 2',
        'customcredentials_tasks{state="processing"} 1',
        'customcredentials_tasks{state="failed"} 0',
      ]),
    )
  })

  it('forget a condition that holds no more', async () => {
    const { lines, held } = scraped([missing])
    expect((await lines()).join('\n')).toContain('ProviderNotFound')
    held[0] = delivered
    expect((await lines()).join('\n')).not.toContain('ProviderNotFound')
  })

  it('count objects by state, and zero of those that there are none of', async () => {
    const { lines } = scraped([delivered])
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'customcredentials_credentials{state="active"} 1',
        'customcredentials_credentials{state="destroyed"} 0',
        'customcredentials_orphans{state="Owed"} 0',
        'customcredentials_leader 1',
      ]),
    )
  })
})
