import { describe, expect, it } from 'vitest'
import type { Target } from '../../../../src/api/generated.ts'
import { targetProblem } from '../../../../src/custom-credential/delivery/target-problem.ts'

const outputs = [
  { name: 'username', type: 'string', required: true },
  { name: 'password', type: 'string', required: true },
  { name: 'old_username', type: 'string' },
] as const

describe('a target Secret that can not be made as it is asked for', () => {
  it.each<[string, Target, string]>([
    ['has a text that can not be rendered', { template: { url: '{{ user }}' } }, 'url: user is not among'],
    ['lacks a key that its type wants', { type: 'kubernetes.io/tls' }, 'kubernetes.io/tls needs the key tls.crt'],
    [
      'lacks a key that its type wants, in its template',
      { type: 'kubernetes.io/basic-auth', template: { url: 'x' } },
      'needs the key username or password',
    ],
    [
      'has a prefix that makes a key twice',
      { previousKeys: { prefix: 'old_' } },
      'old_username is a key of the current',
    ],
    [
      'has a prefix that makes a key of the template twice',
      { template: { was_password: 'x' }, previousKeys: { prefix: 'was_' } },
      'was_password is a key',
    ],
  ])('%s', (_, target, why) => {
    expect(targetProblem(target, outputs)).toContain(why)
  })
})

describe('a target Secret can be made', () => {
  it.each<[string, Target | undefined]>([
    ['where nothing is asked for', undefined],
    ['of a type that the outputs fit', { type: 'kubernetes.io/basic-auth' }],
    ['of a type that the template fits', { type: 'kubernetes.io/tls', template: { 'tls.crt': 'a', 'tls.key': 'b' } }],
    ['of a type that nobody knows', { type: 'example.com/login' }],
    ['of a type that is named as what every object inherits', { type: 'constructor' }],
    ['with a prefix that makes keys of its own', { previousKeys: { prefix: 'previous_' } }],
  ])('%s', (_, target) => {
    expect(targetProblem(target, outputs)).toBeUndefined()
  })

  it('of a type whose keys nobody knows yet', () => {
    expect(targetProblem({ type: 'kubernetes.io/tls' }, undefined)).toBeUndefined()
  })
})
