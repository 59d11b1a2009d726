import type { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import type { Credentials } from '../../src/provider-kit/index.ts'
import { postgresProvider } from '../../src/providers/postgres/provider.ts'
import { ADMIN, describeWithPostgres } from '../support/postgres-stage.ts'

const provider = postgresProvider(ADMIN)
const asAdmin = { user: ADMIN.PGUSER, password: ADMIN.PGPASSWORD }

/** Functions that a statement would mean which leaves it to the search path: counted where the administrator runs them. */
const TRAPS: readonly [string, string, string][] = [
  ['hashtextextended(text, int)', 'bigint', '0'],
  ['hashtextextended(text, bigint)', 'bigint', '0'],
  ['starts_with(name, text)', 'bool', 'false'],
  ['starts_with(text, text)', 'bool', 'false'],
  ['pg_terminate_backend(int, text)', 'bool', 'false'],
  ['pg_terminate_backend(int, bigint)', 'bool', 'false'],
  ['pg_has_role(oid, oid, text)', 'bool', 'true'],
  ['pg_has_role(name, oid, text)', 'bool', 'true'],
  ['same(name, name)', 'bool', '$1::text OPERATOR(pg_catalog.=) $2::text'],
]
const PLANT = `
  CREATE SEQUENCE public.caught; GRANT USAGE ON SEQUENCE public.caught TO PUBLIC;
  ${TRAPS.map(
    ([signature, type, value]) =>
      `CREATE FUNCTION public.${signature} RETURNS ${type} LANGUAGE plpgsql AS $$ BEGIN
         IF current_user::text OPERATOR(pg_catalog.=) 'provisioner' THEN PERFORM nextval('public.caught'); END IF;
         RETURN ${value}; END $$;`,
  ).join('\n')}
  CREATE OPERATOR public.= (FUNCTION = public.same, LEFTARG = name, RIGHTARG = name)`

describeWithPostgres('a login that has leaked', (stage) => {
  const remove = ({ id }: Credentials) => provider.deleteCredentials({ ...stage().aRun(), credentialsId: id })
  const isGone = async ({ id }: Credentials) =>
    (await stage().server.sql(`SELECT FROM pg_roles WHERE rolname = '${id}'`)).length === 0

  describe('cannot plant what the administrator runs', () => {
    it.each([
      ['behind the built-in functions', 'trap_behind', '"$user", public'],
      ['before them, where the database says so', 'trap_before', 'public, pg_catalog'],
    ])('%s', async (_where, database, searchPath) => {
      await stage().server.sql(`CREATE DATABASE ${database}`)
      await stage().server.sql('GRANT CREATE ON SCHEMA public TO readers', database)
      await stage().server.sql(`ALTER DATABASE ${database} SET search_path = ${searchPath}`)
      const leaked = await provider.createCredentials(stage().aRun({ database }))
      const login = { user: leaked.id, password: String(leaked.payload['password']) }
      const session = await stage().server.connect(login, database)
      await session.query(PLANT)
      const caught = async () =>
        (await stage().server.sql('SELECT is_called FROM public.caught', database))[0]?.['is_called']

      const run = stage().aRun({ database })
      const made = await provider.createCredentials(run)
      await provider.verify?.(made, run)
      expect(await provider.find?.({ ...run, originTaskId: run.taskId })).toEqual([made.id])
      await provider.deleteCredentials({ ...run, credentialsId: made.id })
      await provider.deleteCredentials({ ...run, credentialsId: leaked.id })
      expect([await isGone(made), await isGone(leaked)]).toEqual([true, true])
      expect(await caught()).toBe(false)

      const careless = await stage().server.connect(asAdmin, database)
      await careless.query(`SELECT hashtextextended('x', 0)`)
      await careless.end()
      expect(await caught(), 'the trap works').toBe(true)
    })
  })

  describe('cannot hold up its deletion', () => {
    const ADVISORY = (id: string) => `SELECT pg_advisory_lock(hashtextextended('${id}', 0))`

    it.each<[string, (id: string) => string]>([
      ['an advisory lock', ADVISORY],
      ['its own row', () => `SET ROLE NONE; BEGIN; ALTER ROLE SESSION_USER PASSWORD 'mine'`],
    ])('by holding %s', async (_what, statement) => {
      const leaked = await provider.createCredentials(stage().aRun())
      const session = await stage().logIn(leaked)
      await session.query(statement(leaked.id))
      await remove(leaked)
      expect(await isGone(leaked)).toBe(true)
      await expect(session.query('SELECT 1')).rejects.toThrow()
    })

    it('by holding its row again and again, from many sessions', async () => {
      const leaked = await provider.createCredentials(stage().aRun())
      const password = String(leaked.payload['password'])
      let open = 0
      const hold = async (): Promise<void> => {
        const session: Client | undefined = await stage()
          .logIn(leaked)
          .catch(() => undefined)
        if (session === undefined) return
        open += 1
        await session
          .query(`SET ROLE NONE; BEGIN; ALTER ROLE SESSION_USER PASSWORD '${password}'`)
          .catch(() => undefined)
        while (await session.query('SELECT pg_sleep(0.01)').then(Boolean, () => false));
        return hold()
      }
      const holders = Promise.all(Array.from({ length: 8 }, hold))
      await expect.poll(() => open).toBeGreaterThanOrEqual(8)
      await remove(leaked)
      expect(await isGone(leaked)).toBe(true)
      await holders
    })

    it('nor its creation and what is found, from the session of another login', async () => {
      const bystander = await stage().logIn(await provider.createCredentials(stage().aRun()))
      const run = stage().aRun()
      await bystander.query(ADVISORY(`cc_${run.taskId.slice(8).replaceAll('-', '')}`))
      const made = await provider.createCredentials(run)
      expect(await provider.find?.({ ...run, originTaskId: run.taskId })).toEqual([made.id])
      await remove(made)
      expect(await provider.find?.({ ...run, originTaskId: run.taskId })).toEqual([])
      await bystander.end()
    })
  })
})
