import { SecretTasks } from '../../../src/api/resources.ts'
import { OF_CLUSTER } from '../people.ts'
import type { World } from '../world.ts'
import {
  MINUTE_MS,
  becomeSilent,
  both,
  create,
  createAll,
  createReading,
  deleteNamespace,
  edit,
  lock,
  lookAfterOrphans,
  offer,
  remove,
  rotate,
} from './steps.ts'
import type { Spec, Step, Workload } from './workload.ts'

/** To the second, as the API server dates tasks. */
const nextSecond = ({ scheduler }: World): string => new Date(Math.ceil(scheduler.now() / 1000) * 1000).toISOString()

/** A leak that is being exploited: versions up to this one are to be gone, and a later one there. */
const revokeAtOnce = (last: number): Step => ({
  what: `revoke at once what was issued before now, version ${last} too`,
  act: (world) => {
    // The moment may be still to come.
    const revokeIssuedBefore = nextSecond(world)
    world.people.editCredential('team-a', 'orders', { revokeIssuedBefore, revokeMode: 'Immediate' })
  },
  reached: ({ people }) => {
    const { currentVersion = 0, versions = [] } = people.credential('team-a', 'orders')?.status ?? {}
    return currentVersion > last && versions.every(({ version }) => version > last)
  },
})

/** All that a provider has issued has leaked. */
const distrustProvider = (revokeMode: Spec['revokeMode']): Step => ({
  what: `have revoked what the cluster's provider has issued before now (${revokeMode ?? 'AfterReplacement'})`,
  act: (world) => {
    world.people.distrustCluster(nextSecond(world), revokeMode)
  },
  reached: ({ people }) => {
    const { versions = [] } = people.credential('team-a', 'invoices')?.status ?? {}
    return isAnswered(people, () => versions.every(({ version }) => version > 1))
  },
})

/** Where the provider is away nobody can tell it anything. */
const isAnswered = (people: World['people'], otherwise = () => false): boolean => {
  const { metadata, spec, status } = people.clusterProvider() ?? {}
  const revoking = status?.conditions?.find(({ type }) => type === 'Revoking')
  const isOver = revoking?.reason === 'NoneLeft' && revoking.observedGeneration === metadata?.generation
  return spec?.revokeIssuedBefore === undefined || isOver || otherwise()
}

const isAtWork = ({ server, people }: World): boolean =>
  server.list(SecretTasks).items.some(({ status }) => status.state === 'processing') ||
  people.delivered('team-a', 'orders') >= 4

/** What has leaked is replaced and revoked. */
export const leaks: readonly Workload[] = [
  {
    name: 'condemned',
    says: 'What was issued so far is replaced and revoked, though one version is locked and the credential suspended.',
    steps: [
      create(),
      rotate(2),
      lock('previous'),
      edit({ suspend: true }),
      {
        what: 'revoke what was issued before a moment to come',
        act: ({ people, scheduler }) => {
          const revokeIssuedBefore = new Date(scheduler.now() + MINUTE_MS).toISOString()
          people.editCredential('team-a', 'orders', { revokeIssuedBefore })
        },
        reached: ({ people }) => {
          const { versions = [], unresolved = [] } = people.credential('team-a', 'orders')?.status ?? {}
          return (
            versions.every(({ version }) => version > 2) && !unresolved.some(({ reason }) => reason === 'IssuedBefore')
          )
        },
      },
      edit({ suspend: null, locks: null }),
      remove(),
    ],
  },
  {
    name: 'leaked-now',
    says: 'What was issued so far is revoked at once: locked, suspended, within its overlap; and then again, while a creation runs.',
    steps: [
      create('orders', 'team-a', { rotation: { minOverlap: '20m' } }),
      rotate(2),
      lock('previous'),
      edit({ suspend: true }),
      revokeAtOnce(2),
      edit({ suspend: null, locks: null }),
      becomeSilent('2s'),
      { ...rotate(4), what: 'ask for another version, until it is made', reached: isAtWork },
      revokeAtOnce(3),
      remove(),
    ],
  },
  {
    name: 'leak-at-the-provider',
    says: 'What a provider of the cluster has issued has leaked, and is revoked: after its replacement, one at a time; an orphan by people; then at once.',
    steps: [
      offer({ limits: { concurrency: 1 } }, 'team-a', 'team-b'),
      both(createAll(['team-a/orders', 'team-a/invoices'], OF_CLUSTER), createReading('team-b', false, OF_CLUSTER)),
      deleteNamespace('team-b'),
      both(distrustProvider('AfterReplacement'), becomeSilent('110s')),
      {
        what: 'delete upstream what is tried in vain, and have it forgotten',
        act: (world) => {
          lookAfterOrphans(world, () => true)
        },
        reached: ({ people }) => isAnswered(people),
      },
      { ...distrustProvider('Immediate'), reached: ({ people }) => isAnswered(people) },
      remove(),
    ],
  },
]
