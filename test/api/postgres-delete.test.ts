import { describe, expect, it } from 'vitest'
import type { Credentials, Run } from '../../src/provider-kit/index.ts'
import { postgresProvider } from '../../src/providers/postgres/provider.ts'
import { SUPERUSER } from '../support/postgres.ts'
import { ADMIN, describeWithPostgres } from '../support/postgres-stage.ts'

const provider = postgresProvider(ADMIN)
const remove = (run: Run, { id }: Credentials) => provider.deleteCredentials({ ...run, credentialsId: id })

describeWithPostgres('the PostgreSQL provider', (stage) => {
  describe('verifies', () => {
    it('that the login works', async () => {
      const run = stage().aRun()
      await provider.verify?.(await provider.createCredentials(run), run)
    })

    it('and rejects a login that does not', async () => {
      const run = stage().aRun()
      const made = await provider.createCredentials(run)
      const wrong = { ...made, payload: { ...made.payload, password: 'wrong' } }
      await expect(provider.verify?.(wrong, run)).rejects.toMatchObject({ code: 'DatabaseUnreachable' })
    })
  })

  describe('finds', () => {
    it('what a run made, until it is deleted', async () => {
      const run = stage().aRun()
      const search = { ...run, originTaskId: run.taskId }
      expect(await provider.find?.(search)).toEqual([])
      const made = await provider.createCredentials(run)
      expect(await provider.find?.(search)).toEqual([made.id])
      await remove(run, made)
      expect(await provider.find?.(search)).toEqual([])
    })

    it('what a creation is about to commit whose client is gone', async () => {
      const run = stage().aRun()
      const login = `cc_${run.taskId.replace('sm-task-', '').replaceAll('-', '')}`
      const session = await stage().server.connect(SUPERUSER, 'orders')
      await session.query(`BEGIN; CREATE ROLE ${login} LOGIN`)
      const found = provider.find?.({ ...run, originTaskId: run.taskId })
      const waits = `SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted`
      await expect.poll(() => stage().server.sql(waits)).toHaveLength(1)
      await session.query('COMMIT')
      await session.end()
      expect(await found).toEqual([login])
    })
  })

  describe('deletes a login', () => {
    it('and its running sessions, and twice is once', async () => {
      const run = stage().aRun()
      const made = await provider.createCredentials(run)
      const session = await stage().logIn(made)
      await remove(run, made)
      await expect(session.query('SELECT 1')).rejects.toThrow()
      await expect(stage().logIn(made)).rejects.toThrow('password authentication failed')
      await remove(run, made)
    })

    it('from three pods at the same moment, sixty times: one in thirty met in mid-statement', async () => {
      for (let round = 0; round < 60; round++) {
        const run = stage().aRun()
        const made = await provider.createCredentials(run)
        await Promise.all([remove(run, made), remove(run, made), remove(run, made)])
        expect(await stage().server.sql(`SELECT 1 FROM pg_roles WHERE rolname = '${made.id}'`)).toEqual([])
      }
    })

    it('but not what it has created: that belongs to the group', async () => {
      const run = stage().aRun()
      const made = await provider.createCredentials(run)
      const session = await stage().logIn(made)
      await session.query(
        'CREATE TABLE as_group (id int); SET ROLE NONE; CREATE TABLE as_login (id int); INSERT INTO as_login VALUES (7)',
      )
      await session.end()
      await remove(run, made)
      const owners = `SELECT tablename, tableowner FROM pg_tables WHERE tablename LIKE 'as\\_%' ORDER BY 1`
      expect(await stage().server.sql(owners, 'orders')).toEqual([
        { tablename: 'as_group', tableowner: 'readers' },
        { tablename: 'as_login', tableowner: 'readers' },
      ])
      expect(await stage().server.sql('SELECT id FROM as_login', 'orders')).toEqual([{ id: 7 }])
    })

    it('whose group is gone: what it owns passes to the administrator', async () => {
      await stage().server.sql('CREATE ROLE fleeting')
      const run = stage().aRun({ role: 'fleeting' })
      const made = await provider.createCredentials(run)
      await stage().server.sql(
        `CREATE TABLE kept (id int); ALTER TABLE kept OWNER TO ${made.id}; DROP ROLE fleeting`,
        'orders',
      )
      await remove(run, made)
      expect(await stage().server.sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'kept'`, 'orders')).toEqual([
        { tableowner: 'provisioner' },
      ])
    })

    it('but no role that this provider did not make', async () => {
      const attempt = provider.deleteCredentials({ ...stage().aRun(), credentialsId: 'other_login' })
      await expect(attempt).rejects.toMatchObject({ code: 'NotMadeHere' })
      expect(await stage().server.sql(`SELECT 1 FROM pg_roles WHERE rolname = 'other_login'`)).toHaveLength(1)
    })
  })
})
