import { PROVIDER } from '../people.ts'
import { becomeDue, becomeSilent, both, create, createUntil, remove, rotate } from './steps.ts'
import type { Step, Workload } from './workload.ts'

/** While it is at work, has versions, or owes deletions: then it stays for a while. */
const deleteProvider = (name?: string): Step => ({
  what: `delete the provider ${name ?? PROVIDER}`,
  act: ({ people }) => {
    people.deleteProvider('team-a', name)
  },
  reached: () => true,
})

const moveTo = (provider: string): Step => ({
  what: `make the provider ${provider}, and have all made by it`,
  act: (world) => {
    world.createProvider('team-a', provider)
    world.people.moveTo('team-a', provider)
  },
  reached: () => true,
})

/** What it has made stays while its successor is suspect, and a person must look. */
const goes = (name?: string): Step => ({
  what: `wait until the provider ${name ?? PROVIDER} is gone`,
  act: () => undefined,
  reached: ({ people }) =>
    // Somebody may have made it anew.
    people.provider('team-a', name)?.metadata.deletionTimestamp === undefined ||
    (people.credential('team-a', 'orders')?.status.versions ?? []).some(({ suspect }) => suspect !== undefined),
})

/** Where that has failed, nobody tries it again. */
const isSettled: Step = {
  what: 'wait for the version that is being made',
  act: () => undefined,
  reached: ({ people }) =>
    people.delivered('team-a', 'orders') >= 1 ||
    (people.credential('team-a', 'orders')?.status.conditions ?? []).some(({ reason }) => /^Provider/.test(reason)),
}

/** Providers that are deleted while they are in use. */
export const providers: readonly Workload[] = [
  {
    name: 'provider-goes',
    says: 'A provider is deleted while it has versions: another takes over, and it goes with the last of them; so does that one, with its credentials.',
    steps: [
      create(),
      rotate(2),
      deleteProvider(),
      becomeSilent('6m'),
      { ...rotate(3), what: 'ask for version 3', reached: () => true },
      becomeSilent('2m'),
      moveTo('ledger-2'),
      becomeDue(3),
      rotate(4),
      rotate(5),
      goes(),
      both(deleteProvider('ledger-2'), remove()),
      both(goes(), goes('ledger-2')),
      moveTo('ledger-3'),
    ],
  },
  {
    name: 'provider-goes-at-work',
    says: 'A provider is deleted while it makes the first version: that is delivered, and the provider goes when the credential does.',
    steps: [
      createUntil('processing'),
      deleteProvider(),
      isSettled,
      becomeSilent('2m'),
      remove(),
      goes(),
      moveTo('ledger-3'),
    ],
  },
]
