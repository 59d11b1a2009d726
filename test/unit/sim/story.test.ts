import { describe, expect, it } from 'vitest'
import { SecretTasks } from '../../../src/api/resources.ts'
import { Aliases } from '../../sim/aliases.ts'
import { changesOf } from '../../sim/object-changes.ts'
import { tellStory } from '../../sim/story.ts'
import { aCredential, type CredentialBuilder, delivered, maker, owedBy } from '../../support/builders.ts'
import { aCreation, aDeletion, type TaskBuilder } from '../../support/builders-tasks.ts'

describe('what a story tells of a write', () => {
  const before = aCredential().having(delivered(1)).status({ state: 'pre_activation' })
  it.each<[string, CredentialBuilder, string[]]>([
    ['nothing, where nothing that counts has changed', before, []],
    ['a state', before.status({ state: 'active' }), ['pre_activation → active']],
    ['the current version', before.status({ currentVersion: 1 }), ['current version 1']],
    ['versions', before.having(delivered(1), delivered(2)), ['+version 2']],
    ['what is owed', before.owing(owedBy(1, { attempts: 2 })), ['+owed 1 Superseded ×2']],
    ['a finalizer that goes', before.metadata({ finalizers: [] }), ['-finalizer customcredentials.dev/revocation']],
    ['a deletion that begins', before.deleted(), ['terminating']],
  ])('%s', (_, after, told) => {
    expect(changesOf(before.object, after.object)).toEqual(told)
  })
})

describe('names of tasks in a story', () => {
  const aliases = new Aliases()
  const learn = ({ object }: TaskBuilder) => {
    aliases.learn({ kind: 'object', revision: 1, resource: SecretTasks, type: 'added', object, by: 'operator-1' })
  }
  it('say what they are for, from when they are ordered', () => {
    expect(aliases.in(`create ${maker(1)}`)).toBe(`create ${maker(1).slice(0, 16)}`)
    const find = aDeletion(2, { credentialsId: undefined })
    for (const task of [aCreation(1), aCreation(2, 3), aDeletion(1), find]) learn(task)
    const name = aCreation(1).object.spec.credential.name
    expect(aliases.in(`${maker(1)} cred-${maker(2, 3)}`)).toBe(`${name}-create-1 cred-${name}-create-2.3`)
    expect(aliases.legend().map((line) => line.split(' = ')[0])).toEqual(
      ['create-1', 'create-2.3', 'delete-1', 'find-2'].map((what) => `${name}-${what}`),
    )
  })
})

it('a story names what a process hears, and whether it was done all the same', async () => {
  const lines: string[] = []
  const fault = { place: 'write create secrets', nth: 2, fault: 'lost' }
  await tellStory({ workload: 'create', seed: 0, faults: [fault] }, (line) => lines.push(line))
  expect(lines.filter((line) => line.includes(' hears ')).map((line) => line.slice(12))).toEqual([
    'operator-1 hears ConnectionFailed to write create secrets, which was done',
    'operator-1 hears 409 AlreadyExists to write create secrets',
  ])
})
