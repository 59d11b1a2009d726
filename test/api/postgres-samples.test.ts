import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import type { CredentialsProvider, CustomCredential } from '../../src/api/generated.ts'
import { checkInputs } from '../../src/credentials-provider/inputs.ts'
import { checkValues } from '../../src/credentials-provider/schema.ts'
import { postgresProvider } from '../../src/providers/postgres/provider.ts'
import { describeWithPostgres } from '../support/postgres-stage.ts'
import { ask, install, ours } from './crds-cluster.ts'

const text = (file: string): string => readFileSync(`deploy/samples/${file}.yaml`, 'utf8')
const provider = parse(text('postgres-provider')) as CredentialsProvider
const credential = parse(text('orders-db')) as CustomCredential

it.each([
  ['credentialsproviders', provider],
  ['customcredentials', credential],
])('the API server takes the sample of %s', async (plural, body) => {
  await install()
  expect(await ask('POST', `${ours(plural, 'default')}?dryRun=All`, { body })).toMatchObject({ code: 201, message: '' })
})

describeWithPostgres('the samples', (stage) => {
  it('work as they tell: the statements, then provider and credential', async () => {
    const { server } = stage()
    const statements = text('postgres-provider').match(/^# {3}(?:CREATE|GRANT) .+;$/gm) ?? []
    await server.sql(statements.map((line) => line.slice(1).replace('…', 'pass')).join('\n'), 'orders')

    const { env = [] } = (provider.spec.template.spec.containers[0] ?? {}) as {
      env?: { name: string; value?: string }[]
    }
    const literal = env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))
    const environment = {
      ...(Object.fromEntries(literal) as Record<string, string>),
      ...{ PGUSER: 'credentials_admin', PGPASSWORD: 'pass', PGHOST: server.host, PGPORT: String(server.port) },
    }
    const { parameters, credentials } = provider.spec.schema
    expect(checkInputs(parameters, credential.spec)).toMatchObject({ ok: true })

    const run = { ...stage().aRun(), inputs: credential.spec.parameters as Record<string, string> }
    const { payload } = await postgresProvider(environment).createCredentials(run)
    expect(checkValues(credentials, payload)).toMatchObject({ ok: true })
    expect(Object.keys(payload)).toEqual(credentials.map(({ name }) => name))
  })
})
