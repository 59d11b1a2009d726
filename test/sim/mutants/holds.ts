import type { Mutant } from './mutant.ts'

/** Bugs in how providers are held. */
export const holds: readonly Mutant[] = [
  {
    name: 'provider-not-held',
    says: 'What has been made with a provider does not hold it.',
    pattern: 'forgotten',
    file: 'src/credentials-provider/use.ts',
    find: "users.length > 0 ? 'take' : undefined",
    replace: "users.length > 1 ? 'take' : undefined",
  },
  {
    name: 'versions-hold-no-provider',
    says: 'A provider that is deleted goes while versions of it are in use.',
    pattern: 'forgotten',
    file: 'src/credentials-provider/use.ts',
    find: 'return [...versions, ...unresolved].some(',
    replace: 'return [...versions, ...unresolved].slice(versions.length).some(',
  },
  {
    name: 'provider-goes-before-the-record',
    says: 'A provider that is deleted goes when its task has ended, whether or not that is on record yet.',
    pattern: 'impatience',
    file: 'src/credentials-provider/use.ts',
    find: 'const spec = isOwn(job) && isHeldJob(job) ?',
    replace: 'const spec = isOwn(job) && !isHeldJob(job) ?',
  },
  {
    name: 'provider-never-let-go',
    says: 'A provider that is deleted and that nothing uses any more is still held.',
    pattern: 'stuck',
    file: 'src/credentials-provider/use.ts',
    find: "users.length === 0 ? 'let go' : undefined",
    replace: "users.length < 0 ? 'let go' : undefined",
  },
  {
    name: 'made-by-what-goes',
    says: 'A provider that is being deleted still makes versions.',
    pattern: 'stale read',
    file: 'src/credentials-provider/resolve.ts',
    find: 'if (provider.metadata.deletionTimestamp !== undefined) {',
    replace: "if (provider.metadata.deletionTimestamp === '') {",
  },
]
