import type { Mutant } from './mutant.ts'

/** Bugs in what a container is shown of the Secrets that its credential names. */
export const inputs: readonly Mutant[] = [
  {
    name: 'secret-under-any-id',
    says: 'The gateway shows a run its Secret whatever ID it asks for.',
    pattern: 'mistaken identity',
    file: 'src/gateway/input-secrets.ts',
    find: '.find(({ name }) => inputId(credential.uid, name) === id)',
    replace: '.find(({ name }) => inputId(credential.uid, name) !== name || id)',
  },
  {
    name: 'secret-after-the-end',
    says: 'The gateway shows a run its Secret after its task has ended.',
    pattern: 'impatience',
    file: 'src/gateway/input-secrets.ts',
    find: "if (task.status.state !== 'processing' || task.metadata.deletionTimestamp !== undefined)",
    replace: "if (task.status.state === 'queued')",
  },
  {
    name: 'secret-by-its-name-alone',
    says: 'The Secret is looked for by its name, in all namespaces.',
    pattern: 'mistaken identity',
    file: 'src/gateway/input-secrets.ts',
    find: 'const secret = await orAbsent(api.get(Secrets, { namespace, name }))',
    replace: 'const [secret] = (await api.list(Secrets, { fieldSelector: `metadata.name=${name}` })).items',
  },
  {
    name: 'secret-in-the-log',
    says: 'The gateway logs what it shows.',
    pattern: 'leak',
    file: 'src/gateway/app.ts',
    find: 'return c.json(secretView(id, secret))',
    replace:
      "ports.logger.info(secretView(id, secret), 'a secret was read')\n    return c.json(secretView(id, secret))",
  },
  {
    name: 'missing-secret-not-waited-for',
    says: 'A credential whose Secret comes to be is not looked at for it.',
    pattern: 'missed event',
    file: 'src/custom-credential/controller.ts',
    find: 'caches.otherSecrets.subscribe(({ object }) => {\n    queueReaders(object)\n  })',
    replace: '',
  },
  {
    name: 'no-copy-for-revocations',
    says: 'Nothing is copied of a Secret that is to be kept for revocations.',
    pattern: 'forgotten',
    file: 'src/custom-credential/keep.ts',
    find: 'const copies = dueCopies(s)',
    replace: 'const copies = dueCopies({ ...s, inputs: [] })',
  },
  {
    name: 'copy-made-once',
    says: 'A copy does not follow its Secret.',
    pattern: 'stale read',
    file: 'src/custom-credential/creation/input-secrets.ts',
    find: 'return isWanted && copy?.copied !== version',
    replace: 'return isWanted && copy === undefined && version !== undefined',
  },
  {
    name: 'copy-goes-with-the-credential',
    says: 'The copies go with the credential, though orphans of it need them.',
    pattern: 'forgotten',
    file: 'src/custom-credential/wind-down.ts',
    find: 'new Set([CustodyKind.kit, CustodyKind.copy])',
    replace: 'new Set([CustodyKind.kit])',
  },
  {
    name: 'copy-not-given-up',
    says: 'A copy stays that its credential does not want any more, for as long as a kit names its Secret.',
    pattern: 'forgotten',
    file: 'src/custom-credential/creation/input-secrets.ts',
    find: 'wantsCopy(s, name) ?? isNeeded',
    replace: 'wantsCopy(s, name) || isNeeded',
  },
]
