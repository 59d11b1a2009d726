import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { annotation, label } from '../../../src/api/labels.ts'
import { kitManifest, kitName, readKit, type RevocationKit } from '../../../src/custody/kit.ts'
import { run } from '../../support/builders.ts'
import { CREDENTIAL_UID } from '../../support/task-run.ts'

const kit: RevocationKit = {
  ...run,
  template: { spec: { containers: [{ name: 'provider', image: 'p:1' }] } },
  outputs: [{ name: 'username', type: 'string', required: true }],
  capabilities: ['find'],
}
const secret = kitManifest('operator-system', { name: 'orders', uid: CREDENTIAL_UID }, kit)

describe('the name of a kit', () => {
  const name = (more: Partial<RevocationKit> = {}, uid = CREDENTIAL_UID) => kitName(uid, { ...run, ...more })

  it('is the same for the same run, whatever the order of its parameters', () => {
    expect(name({ parameters: { a: 1, b: 2 } })).toBe(name({ parameters: { b: 2, a: 1 } }))
  })

  it.each<[string, string]>([
    ['credential', name({}, '6f1c3a52-27d0-4a35-9b0e-3f4f5be2c002')],
    ['provider', name({ provider: { ...run.provider, uid: 'made again' } })],
    ['kind of provider', name({ provider: { ...run.provider, kind: 'ClusterCredentialsProvider' } })],
    ['generation of the provider', name({ provider: { ...run.provider, generation: 2 } })],
    ['namespace', name({ jobNamespace: 'team-b' })],
    ['time-out', name({ timeoutSeconds: 60 })],
    ['parameter', name({ parameters: { database: 'stock' } })],
    ['type of parameter', name({ parameters: { database: 1 } })],
    ['Secret to read', name({ secretParameters: { admin: { name: 'ledger-admin' } } })],
  ])('tells another %s', (_, other) => {
    expect(other).not.toBe(name())
  })

  it('is never shared by two sets of parameters', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean())
    const parameters = fc.dictionary(fc.string(), value, { maxKeys: 3, noNullPrototype: true })
    fc.assert(
      fc.property(parameters, parameters, (a, b) => {
        fc.pre(JSON.stringify(Object.entries(a).sort()) !== JSON.stringify(Object.entries(b).sort()))
        expect(name({ parameters: a })).not.toBe(name({ parameters: b }))
      }),
    )
  })
})

describe('the Secret of a kit', () => {
  it('cannot be changed, and says whose it is', () => {
    expect(secret).toMatchObject({ immutable: true, type: 'customcredentials.dev/revocation-kit' })
    expect(secret.metadata).toMatchObject({
      namespace: 'operator-system',
      name: kitName(CREDENTIAL_UID, kit),
      labels: { [label.custody]: 'revocation-kit', [label.credentialUid]: CREDENTIAL_UID },
      annotations: { [annotation.capabilities]: 'find' },
    })
  })

  it('names the Secrets that its run may read', () => {
    const secretParameters = { b: { name: 'two' }, a: { name: 'one' }, c: { name: 'two' } }
    const { metadata } = kitManifest(
      'operator-system',
      { name: 'orders', uid: CREDENTIAL_UID },
      { ...kit, secretParameters },
    )
    expect(metadata.annotations?.[annotation.inputSecrets]).toBe('one,two')
  })

  it('gives back what was put into it', () => {
    expect(readKit({ ...secret, metadata: { ...secret.metadata, uid: 'u', resourceVersion: '1' } })).toEqual(kit)
  })

  it('is refused if it holds none', () => {
    const empty = { metadata: { name: 'kit-1', uid: 'u', resourceVersion: '1' } }
    expect(() => readKit(empty)).toThrow('revocation kit kit-1 holds no kit')
  })
})
