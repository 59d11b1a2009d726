import { describe, expect, it } from 'vitest'
import { problemOf } from '../../../src/credentials-provider/accept.ts'
import { ApiError, type ApiErrorReason } from '../../../src/kube/errors.ts'
import { aProvider } from '../../support/builders.ts'
import { FakeApi } from '../../support/fake-api.ts'
import { REFUSALS } from '../../support/refusals.ts'

/** What is found where the dry run of the Job, or that of its pod, fails so. */
function judged(plural: string, error?: ApiError) {
  const api = new FakeApi()
  if (error) api.meet(`create ${plural}`, error)
  return problemOf(
    { api, gateway: () => ({ url: 'https://gateway', ca: '' }) },
    { kind: 'CredentialsProvider', ...aProvider() },
  )
}

it('nothing stands against a provider whose Job and pod the API server would take', async () => {
  expect(await judged('jobs')).toBeUndefined()
})

describe.each([
  ['Job', 'jobs', 'Namespace "team-a" does not exist. Create it, or correct spec.jobNamespace.'],
  ['pod', 'pods', 'spec.template: the API server refuses the pod: not found'],
])('the dry run of the %s', (what, plural, missing) => {
  it.each(REFUSALS)('says what stands against the provider where it is refused (%i)', async (_, refusal) => {
    const problem = `spec.template: the API server refuses the ${what}: denied by a webhook`
    expect(await judged(plural, refusal)).toBe(problem)
  })

  it('says what stands against the provider where there is no namespace for it', async () => {
    expect(await judged(plural, new ApiError('NotFound', 'not found', { code: 404 }))).toBe(missing)
  })

  it.each<[number, ApiErrorReason]>([
    [401, 'Unauthorized'],
    [409, 'Conflict'],
    [409, 'AlreadyExists'],
    [410, 'Expired'],
    [429, 'TooManyRequests'],
    [500, 'ServerError'],
    [0, 'Timeout'],
    [0, 'ConnectionFailed'],
  ])('says nothing about the provider where the answer is %i %s: it is tried again', async (code, reason) => {
    await expect(judged(plural, new ApiError(reason, 'not now', { code }))).rejects.toThrow('not now')
  })
})
