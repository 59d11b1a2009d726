import type { Client } from 'pg'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Credentials, Run } from '../../src/provider-kit/index.ts'
import { PostgresServer, postgresPrograms } from './postgres.ts'

/** The administrator whom the provider logs in as: no superuser. */
export const ADMIN = { PGUSER: 'provisioner', PGPASSWORD: 'admin-canary' }

/** Names that would break out of a statement which does not quote them. */
export const HOSTILE = { role: `we"ird'; DROP ROLE readers; --`, database: `ord"ers'; --` }

/** A real server with a database `orders`, groups, and roles that must not be granted. */
export interface Stage {
  readonly server: PostgresServer
  /** A run for a task of its own. */
  aRun(inputs?: Record<string, string>): Run
  logIn(credentials: Credentials): Promise<Client>
  /** Number of logins that the provider has made. */
  logins(): Promise<number>
}

/** Tests against a real server. Skipped where PostgreSQL is not installed, but never with `CI=true`. */
export function describeWithPostgres(what: string, tests: (stage: () => Stage) => void): void {
  const programs = postgresPrograms()
  if (programs === undefined && process.env['CI'] === 'true')
    throw new Error('PostgreSQL is missing: apt-get install postgresql')
  // There is no server to ask: only Debian's can be installed by us, and only by root. With CI=true it fails above.
  describe.skipIf(programs === undefined)(what, { timeout: 120_000 }, () => {
    let stage: Stage
    beforeAll(async () => {
      const server = await PostgresServer.start(programs ?? '')
      await populate(server)
      stage = stageOn(server)
    })
    afterAll(() => stage.server[Symbol.asyncDispose]())
    tests(() => stage)
  })
}

async function populate(server: PostgresServer): Promise<void> {
  await server.sql(`
    CREATE ROLE provisioner LOGIN CREATEROLE PASSWORD '${ADMIN.PGPASSWORD}';
    CREATE ROLE readers; CREATE ROLE writers; CREATE ROLE other_login LOGIN; CREATE ROLE boss SUPERUSER;
    CREATE ROLE shell IN ROLE pg_execute_server_program; CREATE ROLE above_shell IN ROLE shell;
    CREATE ROLE "${HOSTILE.role.replaceAll('"', '""')}"`)
  for (const name of ['orders', 'clear', HOSTILE.database]) {
    await server.sql(`CREATE DATABASE "${name.replaceAll('"', '""')}"`)
  }
  await server.sql(
    `CREATE TABLE parcels (id int); CREATE TABLE salaries (id int);
     GRANT SELECT ON parcels TO readers; GRANT CREATE ON SCHEMA public TO writers, readers`,
    'orders',
  )
}

function stageOn(server: PostgresServer): Stage {
  let count = 0
  const { host, port } = server
  return {
    server,
    aRun: (inputs = {}) => ({
      taskId: `sm-task-00000000-0000-5000-8000-${String(++count).padStart(12, '0')}`,
      secretId: 'uid-1',
      name: "o'rders",
      namespace: 'shop',
      trigger: 'secret_creation',
      inputs: { host, port: String(port), database: 'orders', role: 'readers', sslmode: 'require', ...inputs },
      readSecret: () => Promise.reject(new Error('there are no Secrets here')),
      signal: new AbortController().signal,
      log: { debug() {}, info() {}, warn() {}, error() {} },
    }),
    logIn: ({ id, payload }) => server.connect({ user: id, password: String(payload['password']) }, 'orders'),
    logins: async () => (await server.sql(`SELECT FROM pg_roles WHERE rolname LIKE 'cc\\_%'`)).length,
  }
}
