import { describe, expect, it } from 'vitest'
import { CredentialsExistError, ProviderError } from '../../src/provider-kit/index.ts'
import { postgresProvider } from '../../src/providers/postgres/provider.ts'
import { breakAtCommit } from '../support/break-at-commit.ts'
import { ADMIN, describeWithPostgres, HOSTILE } from '../support/postgres-stage.ts'

const provider = postgresProvider(ADMIN)

describeWithPostgres('the PostgreSQL provider', (stage) => {
  describe('creates a login', () => {
    it('that is named after the task and says whose it is', async () => {
      const run = stage().aRun()
      const made = await provider.createCredentials(run)
      expect(made.id).toBe(`cc_${run.taskId.slice(8).replaceAll('-', '')}`)
      const [role] = await stage().server.sql(`SELECT shobj_description('${made.id}'::regrole, 'pg_authid') AS comment`)
      expect(role?.['comment']).toBe(`Custom credential shop/o'rders, ${run.taskId}`)
    })

    it('whose outputs are all that an application needs', async () => {
      const { id, payload } = await provider.createCredentials(stage().aRun())
      const { host, port } = stage().server
      expect(payload).toMatchObject({ username: id, host, port, database: 'orders' })
      expect(payload['password']).toMatch(/^[\w-]{43}$/)
      const uri = `postgresql://${id}:${String(payload['password'])}@${host}:${port}/orders?sslmode=require`
      expect(payload['uri']).toBe(uri)
    })

    it('that may do what its group may, and nothing else', async () => {
      const client = await stage().logIn(await provider.createCredentials(stage().aRun()))
      const denied = (statement: string) =>
        expect(client.query(statement), statement).rejects.toThrow(/permission denied|must (be|have)/)
      await client.query('SELECT * FROM parcels')
      await denied('SELECT * FROM salaries')
      await denied('DELETE FROM parcels')
      await denied('CREATE ROLE mine')
      await denied('CREATE DATABASE mine')
      await denied('SET ROLE writers')
      await denied('SET ROLE provisioner')
      await denied('GRANT readers TO other_login')
      await denied(`COPY parcels FROM PROGRAM 'true'`)
      const [attributes] = (
        await client.query<Record<string, boolean>>(
          `SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = session_user`,
        )
      ).rows
      expect(Object.values(attributes ?? {})).toEqual([false, false, false, false, false])
      await client.end()
    })

    it('for names that would break out of a statement which does not quote them', async () => {
      const run = stage().aRun({ ...HOSTILE })
      const made = await provider.createCredentials(run)
      await provider.verify?.(made, run)
      const [member] = await stage().server.sql(`SELECT 1 FROM pg_auth_members WHERE member = '${made.id}'::regrole`)
      expect(member).toBeDefined()
      expect(await stage().server.sql(`SELECT 1 FROM pg_roles WHERE rolname = 'readers'`)).toHaveLength(1)
    })

    it('once: a second run of the task leaves it as it is', async () => {
      const run = stage().aRun()
      const made = await provider.createCredentials(run)
      await expect(provider.createCredentials(run)).rejects.toBeInstanceOf(CredentialsExistError)
      await (await stage().logIn(made)).end()
    })

    it('once, when two pods run at the same moment', async () => {
      const run = stage().aRun()
      const results = await Promise.allSettled([1, 2, 3].map(() => provider.createCredentials(run)))
      const [made, ...more] = results.filter((result) => result.status === 'fulfilled')
      expect(more).toEqual([])
      const refused = results.filter((result) => result.status === 'rejected')
      expect(refused.map(({ reason }: { reason: unknown }) => reason instanceof CredentialsExistError)).toEqual([
        true,
        true,
      ])
      if (made) await (await stage().logIn(made.value)).end()
    })
  })

  describe('makes nothing and says why', () => {
    it.each([
      ['a group that does not exist', { role: 'nobody' }, 'RoleNotFound'],
      ['a login', { role: 'other_login' }, 'RoleNotGrantable'],
      ['a superuser', { role: 'boss' }, 'RoleNotGrantable'],
      ['a predefined role', { role: 'pg_read_all_data' }, 'RoleNotGrantable'],
      ['a group that can run programs, by way of another', { role: 'above_shell' }, 'RoleNotGrantable'],
      ['a database that does not exist', { database: 'none' }, 'DatabaseUnreachable'],
      ['a port where nobody listens', { port: '1' }, 'DatabaseUnreachable'],
      ['a server that proves no name', { sslmode: 'verify-full' }, 'DatabaseUnreachable'],
    ])('for %s', async (_what, inputs, code) => {
      const before = await stage().logins()
      const attempt = provider.createCredentials(stage().aRun(inputs))
      await expect(attempt).rejects.toMatchObject({ name: 'ProviderError', code })
      expect(await stage().logins()).toBe(before)
    })

    it('for an administrator without the right', async () => {
      await stage().server.sql(`CREATE ROLE powerless LOGIN PASSWORD 'powerless'`)
      const attempt = postgresProvider({ PGUSER: 'powerless', PGPASSWORD: 'powerless' }).createCredentials(
        stage().aRun(),
      )
      await expect(attempt).rejects.toMatchObject({
        code: 'DatabaseRefused',
        message: expect.stringContaining('SQLSTATE 42501') as string,
      })
    })

    it('where a server that proves no name asks for the password in clear', async () => {
      const attempt = provider.createCredentials(stage().aRun({ database: 'clear' }))
      await expect(attempt).rejects.toThrow('asks for the password in clear')
    })
  })

  it('trusts a server that the given authority vouches for', async () => {
    const run = stage().aRun({ sslmode: 'verify-full' })
    await postgresProvider({ ...ADMIN, PGSSLROOTCERT: stage().server.rootCert }).createCredentials(run)
  })

  it('does not call it a failure when the answer to COMMIT is lost: the login is there and is found', async () => {
    const way = await breakAtCommit(stage().server.port)
    const run = stage().aRun({ port: String(way.port), sslmode: 'disable' })
    const error: unknown = await provider.createCredentials(run).catch((thrown: unknown) => thrown)
    way.server.close()
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(ProviderError)
    const later = { ...run, inputs: { ...run.inputs, port: String(stage().server.port) } }
    expect(await provider.find?.({ ...later, originTaskId: run.taskId })).toHaveLength(1)
  })

  it('keeps passwords out of the server log, where every statement is written', async () => {
    const run = stage().aRun()
    const made = await provider.createCredentials(run)
    await provider.verify?.(made, run)
    const log = await stage().server.log()
    expect(log).toContain(`CREATE ROLE "${made.id}"`)
    expect(log).not.toContain(made.payload['password'])
  })
})
