import { annotation } from '../../../src/api/labels.ts'
import { passwordOf } from '../cluster/upstream.ts'
import type { ProviderSetting } from '../people.ts'
import {
  becomeSilent,
  both,
  create,
  deleteNamespace,
  edit,
  lookAfterOrphans,
  MINUTE_MS,
  remove,
  rotate,
} from './steps.ts'
import type { World } from '../world.ts'
import type { Step, Workload } from './workload.ts'

/** Again and again: one of a process that has died may come late. */
function askOrphans(world: World): void {
  world.people.retryOrphans()
  world.scheduler.after(MINUTE_MS, 'aside people ask for orphans', () => {
    askOrphans(world)
  })
}

const ADOPTABLE: ProviderSetting = { capabilities: ['find', 'adopt'] }

/** What a Secret says that was left when its credential was deleted. */
const adopt = (secretName: string, name: string, credentialsId?: string): Step => ({
  what: `create team-a/${name} from Secret ${secretName}`,
  act: ({ people }) => {
    const left = people.secret('team-a', secretName)?.metadata.annotations?.[annotation.credentialsId]
    people.createCredential('team-a', name, {
      adopt: { secretName, credentialsId: credentialsId ?? left ?? 'unknown' },
    })
  },
  reached: ({ people }) =>
    people.delivered('team-a', name) >= 1 ||
    (people.credential('team-a', name)?.status.conditions ?? []).some(({ reason }) => reason === 'AdoptionFailed'),
})

/** Where there was nothing to adopt, or somebody else has it. */
const giveUpAdoption = (name: string): Step => ({
  what: `have team-a/${name} made where it has adopted nothing`,
  act: ({ people }) => {
    if (people.delivered('team-a', name) === 0) people.editCredential('team-a', name, { adopt: null })
  },
  reached: ({ people }) => people.delivered('team-a', name) >= 1,
})

/** Logins that outlive their credential, or were there before it. */
export const legacies: readonly Workload[] = [
  {
    name: 'retained',
    says: 'The current version stays when its credential is deleted; another one of the same name adopts it, rotates and goes.',
    provider: ADOPTABLE,
    steps: [
      create('orders', 'team-a', { revocationPolicy: 'Retain', rotation: { minOverlap: '1m' } }),
      rotate(2),
      remove(),
      adopt('orders', 'orders'),
      giveUpAdoption('orders'),
      rotate(2),
      remove(),
    ],
  },
  {
    name: 'adopted-in-place',
    says: 'A login that was made by hand is adopted where it lies, stays as it is for hours, and is rotated and deleted.',
    provider: ADOPTABLE,
    steps: [
      {
        what: 'make a login by hand',
        act: ({ cluster: { upstream }, people }) => {
          upstream.createByHand('legacy-login')
          people.createSecret('team-a', 'orders', passwordOf('legacy-login'))
        },
        reached: () => true,
      },
      adopt('orders', 'orders', 'legacy-login'),
      giveUpAdoption('orders'),
      becomeSilent('3h'),
      rotate(2),
      remove(),
    ],
  },
  {
    name: 'adopted',
    says: 'Two want a login that was made by hand; one gets it, and rotates. What they have stays when their namespace goes.',
    provider: ADOPTABLE,
    steps: [
      {
        what: 'make a login by hand',
        act: ({ cluster: { upstream }, people }) => {
          upstream.createByHand('legacy-login')
          people.createSecret('team-a', 'legacy', passwordOf('legacy-login'))
        },
        reached: () => true,
      },
      both(adopt('legacy', 'orders', 'legacy-login'), adopt('legacy', 'invoices', 'legacy-login')),
      giveUpAdoption('orders'),
      giveUpAdoption('invoices'),
      rotate(2),
      rotate(3),
      edit({ revocationPolicy: 'Retain' }),
      deleteNamespace('team-a'),
      {
        what: 'have revoked what was retained',
        act: (world) => {
          askOrphans(world)
          // One that comes late may find no kit any more.
          lookAfterOrphans(world, ({ status }) => status.message?.startsWith('The revocation kit is gone') === true)
        },
        reached: ({ people }) => people.orphans().length === 0,
      },
    ],
  },
]
