import type { Mutant } from './mutant.ts'

/** Bugs in what consumers get, and in what a status says of it. */
export const deliveries: readonly Mutant[] = [
  {
    name: 'foreign-secret-adopted',
    says: 'A Secret of the wanted name is written over, whosever it is.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/effects/target-secret.ts',
    find: 'if (isOurs(there, credential)) return there',
    replace: "if (there.metadata.name !== '') return there",
  },
  {
    name: 'unreadable-is-lost',
    says: 'A payload that could not be read is taken for one that is gone.',
    pattern: 'ambiguous outcome',
    file: 'src/custody/versions.ts',
    find: 'if (isNotFound(error)) return undefined',
    replace: 'if (error !== undefined) return undefined',
  },
  {
    name: 'payload-gone-once-delivered',
    says: 'A payload leaves custody as soon as a version stands for it.',
    pattern: 'forgotten',
    file: 'src/custom-credential/steps.ts',
    find: '  !versions.some((version) => version.taskId === taskId) &&\n  !tasks.some(',
    replace: '  !tasks.some(',
  },
  {
    name: 'payload-gone-once-shown',
    says: 'A payload leaves custody as soon as consumers have it.',
    pattern: 'forgotten',
    file: 'src/custom-credential/steps.ts',
    find: 's.tasks.some((task) => wasDeletedBy(task, secret)) ||',
    replace:
      's.tasks.some((task) => wasDeletedBy(task, secret)) ||\n' +
      '        ledger.versions.some((one) => one.taskId === secret.taskId && one.deliveredAt !== undefined) ||',
  },
  {
    name: 'another-teams-provider',
    says: 'A provider is looked up in a namespace that is not the credential’s.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/observe.ts',
    find: "return caches.providers.get({ namespace: credential.metadata.namespace ?? '', name })",
    replace: "return caches.providers.get({ namespace: 'team-b', name })",
  },
  {
    name: 'delete-and-create',
    says: 'The target Secret is removed and made anew for each version.',
    pattern: 'repetition',
    file: 'src/custom-credential/delivery/due-delivery.ts',
    find: "const actions = [{ kind: 'deliver', version: delivered, previous, repairs }] as const",
    replace:
      "const actions = [...(s.target ? [{ kind: 'removeTarget' } as const] : []), { kind: 'deliver', version: delivered, previous, repairs }] as const",
  },
  {
    name: 'version-in-two-writes',
    says: "The target Secret's annotations are written first, and its data afterwards.",
    pattern: 'order of writes',
    file: 'src/custom-credential/effects/deliver.ts',
    find: 'const written = await api.patch(Secrets, key, { operations: targetPatch(secret, delivery) })',
    replace:
      'const operations = targetPatch(secret, delivery)\n' +
      '    await api.patch(Secrets, key, { operations: operations.slice(0, -1) })\n' +
      '    const written = await api.patch(Secrets, key, { operations: operations.slice(-1) })',
  },
  {
    name: 'target-without-precondition',
    says: 'The target Secret is written whatever it holds by now.',
    pattern: 'lost update',
    file: 'src/custom-credential/delivery/target.ts',
    find: "    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },\n    {\n",
    replace: '    {\n',
  },
  {
    name: 'drift-not-repaired',
    says: 'A target Secret that somebody has deleted is not made again.',
    pattern: 'missed event',
    file: 'src/custom-credential/delivery/due-delivery.ts',
    find: 'const there = s.target !== undefined && s.target.version === newest.version && isRendered(s, previous)',
    replace: 'const there = s.now > 0',
  },
  {
    name: 'status-without-precondition',
    says: "A credential's status is written over whatever it says by now.",
    pattern: 'lost update',
    file: 'src/custom-credential/effects/act.ts',
    find: "    { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },\n    { op: 'add', path: '/status', value: status },",
    replace: "    { op: 'add', path: '/status', value: resourceVersion === '' ? {} : status },",
  },
  {
    name: 'revocation-before-status',
    says: 'The task that deletes a version is made before the status says that it is no longer in use.',
    pattern: 'order of writes',
    file: 'src/custom-credential/keep.ts',
    find: '    ...spentPayloads(s, delivery.ledger),\n    ...delivery.actions,',
    replace: '    ...spentPayloads(s, delivery.ledger),\n    ...delivery.actions,\n    ...next.actions,',
  },
  {
    name: 'release-before-status',
    says: 'A Job is released before the status accounts for what it may have made.',
    pattern: 'order of writes',
    file: 'src/custom-credential/keep.ts',
    find: '    ...spentPayloads(s, delivery.ledger),\n    ...delivery.actions,',
    replace: '    ...spentPayloads(s, delivery.ledger),\n    ...releases(s, ledger),\n    ...delivery.actions,',
  },
  {
    name: 'finalizer-added-late',
    says: 'The finalizer is added with the second version, as if nothing could happen to the first.',
    pattern: 'order of writes',
    file: 'src/custom-credential/keep.ts',
    find: 'const held = s.credential.metadata.finalizers?.includes(finalizer.revocation) ?? false',
    replace:
      'const held =\n    ledger.versions.length === 0 || (s.credential.metadata.finalizers?.includes(finalizer.revocation) ?? false)',
  },
  {
    name: 'status-names-the-revoked',
    says: 'The status names as previous version whatever else is left, also what is being deleted.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/status/status.ts',
    find:
      'const versions = inUse(ledger)\n  const delivered = versions.filter(({ deliveredAt }) => deliveredAt !== undefined)\n' +
      '  const [current, previous] = [delivered.at(-1), delivered.at(-2)]',
    replace:
      'const delivered = ledger.versions.filter(({ deliveredAt }) => deliveredAt !== undefined)\n' +
      '  const [current, previous] = [delivered.at(-1), delivered.find((one) => one !== delivered.at(-1))]',
  },
  {
    name: 'generation-not-observed',
    says: 'The status says that it is about the first generation, whichever the spec has.',
    pattern: 'stale read',
    file: 'src/custom-credential/status/status.ts',
    find: '    observedGeneration: s.credential.metadata.generation ?? 0,\n    state,',
    replace: '    observedGeneration: 1,\n    state,',
  },
  {
    name: 'told-apart-by-name',
    says: 'Tasks belong to whatever credential bears the name that they bear.',
    pattern: 'mistaken identity',
    file: 'src/custom-credential/observe.ts',
    find: "const tasks = caches.tasks.by('byCredential', uid).filter(isOwn)",
    replace:
      'const tasks = caches.tasks.list().filter((task) => isOwn(task) && task.spec.credential.name === credential.metadata.name)',
  },
  {
    name: 'ids-without-owner',
    says: "A task's ID derives from version and attempt alone.",
    pattern: 'mistaken identity',
    file: 'src/api/task-id.ts',
    find: "`sm-task-${uuidv5(parts.join('/'), credentialUid)}`",
    replace: "`sm-task-${uuidv5(parts.join('/'), credentialUid.replaceAll(/[^-]/g, '0'))}`",
  },
  {
    name: 'same-attempt-again',
    says: 'A deletion that has failed is tried again under the same task ID.',
    pattern: 'stuck',
    file: 'src/custom-credential/creation/orders.ts',
    find: 'let attempt = owed.attempts + 1',
    replace: 'let attempt = 1',
  },
]
