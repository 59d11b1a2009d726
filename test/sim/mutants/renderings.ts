import type { Mutant } from './mutant.ts'

/** Bugs in how the target Secret looks. */
export const renderings: readonly Mutant[] = [
  {
    name: 'displaced-still-shown',
    says: 'The Secret shows the version before as it stood before it was retired.',
    pattern: 'order of writes',
    file: 'src/custom-credential/delivery/due-delivery.ts',
    find: 'const previous = before(newest, retired)',
    replace: 'const previous = before(newest, ledger)',
  },
  {
    name: 'labels-not-repaired',
    says: 'A label that the spec names and somebody has taken off stays off.',
    pattern: 'missed event',
    file: 'src/custom-credential/delivery/drift.ts',
    find: 'hasLostKeys(s, version) || hasLostMarks(s)',
    replace: 'hasLostKeys(s, version) || hasLostMarks({ ...s, target: undefined })',
  },
  {
    name: 'repaired-without-effect',
    says: 'What a repair has found as it should be is repaired again and again.',
    pattern: 'repetition',
    file: 'src/custom-credential/delivery/drift.ts',
    find: 'target.resourceVersion === trouble.intact',
    replace: "target.resourceVersion === '' && trouble.intact === ''",
  },
  {
    name: 'rendition-not-compared',
    says: 'A target Secret that shows the right version is left as it is, whatever the spec wants it to look like by now.',
    pattern: 'missed event',
    file: 'src/custom-credential/delivery/due-delivery.ts',
    find: 'target?.rendition === renditionOf(credential.spec.target, previous?.version)',
    replace:
      '(target?.rendition === undefined) === (renditionOf(credential.spec.target, previous?.version) === undefined)',
  },
  {
    name: 'previous-kept-after-revocation',
    says: 'What a target Secret shows of the previous version stays there when that is revoked.',
    pattern: 'missed event',
    file: 'src/custom-credential/delivery/rendition.ts',
    find: 'return usesPrevious(target) ? `${hashOf(target)}.${previous ?? 0}` : hashOf(target)',
    replace: 'return previous === 0 ? undefined : hashOf(target)',
  },
  {
    name: 'payload-by-the-status',
    says: 'The Secret is rendered with the payload of the last version that the status knows of.',
    pattern: 'stale read',
    file: 'src/custom-credential/effects/deliver.ts',
    find: 'const payload = await payloadOf(ports, s, version)',
    replace: 'const payload = await payloadOf(ports, s, s.credential.status.versions?.at(-1) ?? version)',
  },
  {
    name: 'labels-left-behind',
    says: 'A label that the spec names no more stays on the target Secret.',
    pattern: 'forgotten',
    file: 'src/custom-credential/delivery/target.ts',
    find: 'without(labels, former.labels)',
    replace: 'labels',
  },
]
