import { describe, expect, it } from 'vitest'
import { decide } from '../../../../src/custom-credential/decide.ts'
import type { CustodyFacts } from '../../../../src/custom-credential/snapshot.ts'
import { aCredential, after, aProvider, delivered, KIT, owedBy } from '../../../support/builders.ts'
import { anOrphan, aSnapshot, type SnapshotBuilder } from '../../../support/builders-snapshot.ts'
import { aKit } from '../../../support/builders-tasks.ts'

const { schema } = aProvider().spec
const provider = aProvider({
  schema: { ...schema, parameters: [...(schema.parameters ?? []), { name: 'admin', type: 'secret_id' }] },
})
const reading = aCredential().spec({ secretParameters: { admin: { name: 'ledger-admin' } } })
const without = aSnapshot().with({ provider }).of(reading)
const supplied = without.with({ inputs: [{ name: 'ledger-admin', version: 'uid/1' }] })

const orders = ({ snapshot }: SnapshotBuilder) =>
  decide(snapshot).release.flatMap((action) => (action.kind === 'createTask' ? [action.order] : []))
const condition = ({ snapshot }: SnapshotBuilder, wanted: string) =>
  decide(snapshot).status.conditions?.find(({ type }) => type === wanted)

describe('a Secret that a run is to read', () => {
  it('is named by its task, with the namespace that it is of', () => {
    expect(orders(supplied)).toMatchObject([
      { run: { secretParameters: { admin: { name: 'ledger-admin' } }, namespaceUid: 'namespace-uid' } },
    ])
  })

  it('and does not exist: no task is made, and the condition says which and where', () => {
    expect(orders(without)).toEqual([])
    expect(condition(without, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'InputSecretNotFound',
      message:
        'spec.secretParameters: there is no Secret "ledger-admin" (for admin) in namespace "team-a". Create it, or name another.',
    })
  })

  it('and is gone before a rotation: that is told while the current version stays', () => {
    const rotating = without
      .of(reading.rotating('30d').having(delivered(1)))
      .showing(1)
      .at(after('31d'))
    expect(orders(rotating)).toEqual([])
    expect(condition(rotating, 'Ready')).toMatchObject({ status: 'True' })
    expect(condition(rotating, 'Stalled')).toMatchObject({ reason: 'InputSecretNotFound' })
  })
})

describe('a Secret of which a copy is kept for revocations', () => {
  const naming = (name: string, copyForRevocation = true) =>
    aCredential()
      .spec({ secretParameters: { admin: { name, copyForRevocation } } })
      .having(delivered(1))
  const kit = (...inputSecrets: string[]): CustodyFacts => ({ ...aKit(KIT), inputSecrets })
  const copy = (name: string, copied = 'uid/1'): CustodyFacts => ({
    ...aKit(`input-${name}`),
    custody: 'input-copy',
    inputSecrets: [name],
    copied,
  })
  const there = (name: string, version = 'uid/1') => ({ inputs: [{ name, version }] })
  const keeping = (credential: typeof reading, ...custody: CustodyFacts[]) =>
    aSnapshot().with({ provider, custody }).of(credential).showing(1)

  const copied = ({ snapshot }: SnapshotBuilder) =>
    decide(snapshot).release.flatMap((action) => (action.kind === 'copyInput' ? [action.secret] : []))
  const removed = ({ snapshot }: SnapshotBuilder) =>
    decide(snapshot).release.flatMap((action) => (action.kind === 'removeFromCustody' ? [action.name] : []))

  it('is copied before the first run that may read it', () => {
    const { object: credential } = aCredential().spec({
      secretParameters: { admin: { name: 'a', copyForRevocation: true } },
    })
    const { snapshot } = aSnapshot().with({ provider, credential, custody: [], ...there('a') })
    expect(decide(snapshot).release.map(({ kind }) => kind)).toEqual(['copyInput', 'storeKit', 'createTask'])
  })

  it.each<[string, string[], SnapshotBuilder]>([
    ['it has changed', ['a'], keeping(naming('a'), kit('a'), copy('a')).with(there('a', 'uid/2'))],
    ['it was made anew', ['a'], keeping(naming('a'), kit('a'), copy('a')).with(there('a', 'other/1'))],
    ['an older version may read it', ['a'], keeping(naming('b'), kit('a'), copy('a')).with(there('a', 'uid/2'))],
    ['nothing has changed', [], keeping(naming('a'), kit('a'), copy('a')).with(there('a'))],
    ['it is gone', [], keeping(naming('a'), kit('a'), copy('a'))],
    ['no copy is wanted', [], keeping(naming('a', false), kit('a')).with(there('a'))],
  ])('and follows it: where %s, %s are copied', (_, secrets, s) => {
    expect(copied(s)).toEqual(secrets)
  })

  it.each<[string, string[], SnapshotBuilder]>([
    ['people give it up', ['input-a'], keeping(naming('a', false), kit('a'), copy('a'))],
    ['another is named, and no kit tells of it', ['input-a'], keeping(naming('b'), kit('b'), copy('a'))],
    ['another is named, and an older version may read it', [], keeping(naming('b'), kit('a'), copy('a'))],
    ['it is gone', [], keeping(naming('a'), kit('a'), copy('a'))],
  ])('until that is over: where %s, %s goes', (_, names, s) => {
    expect(removed(s)).toEqual(names)
  })

  it('stays with the kit where orphans need them, and goes with the last of them', () => {
    const gone = keeping(naming('a').having().deleted(), kit('a'), copy('a'))
    expect(removed(gone)).toEqual([KIT, 'input-a'])
    expect(removed(gone.with({ orphans: [anOrphan(owedBy(1))] }))).toEqual([])
  })

  it('is told of by a credential that is being deleted, where it is gone and no copy was kept', () => {
    const s = keeping(naming('a', false).deleted(), kit('a'))
    expect(condition(s, 'Ready')?.message).toContain('The input Secret "a" is gone.')
    expect(condition(s.with(there('a')), 'Ready')?.message).not.toContain('gone')
    expect(condition(keeping(naming('a').deleted(), kit('a'), copy('a')), 'Ready')?.message).not.toContain('gone')
  })
})
