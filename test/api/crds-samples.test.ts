import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { ask, install, OPERATOR, ours, type Answer } from './crds-cluster.ts'

interface Sample {
  readonly kind: string
  readonly metadata: { readonly namespace?: string }
}

const folder = (name: 'accept' | 'reject'): string => `${import.meta.dirname}/samples/${name}`
const samples = (name: 'accept' | 'reject'): (readonly [file: string, text: string])[] =>
  readdirSync(folder(name)).map((file) => [file, readFileSync(`${folder(name)}/${file}`, 'utf8')])

const create = (text: string): Promise<Answer> => {
  const body = parse(text) as Sample
  return ask('POST', `${ours(`${body.kind.toLowerCase()}s`, body.metadata.namespace)}?dryRun=All`, {
    as: SAMPLER,
    body,
  })
}

/** The operator's name passes the policies, the masters' group grants the rights: only the schema is left to judge. */
const SAMPLER = { ...OPERATOR, groups: ['system:masters'] }

beforeAll(install)

test.each(samples('accept'))('%s is accepted', async (_file, text) => {
  expect(await create(text)).toMatchObject({ code: 201, message: '' })
})

test.each(samples('reject'))('%s is refused, and told why', async (_file, text) => {
  const expected = /^# expect: (.+)$/m.exec(text)?.[1]
  const { code, message } = await create(text)
  expect(code).toBeGreaterThanOrEqual(400)
  expect(message).toContain(expected)
})
