import { randomUUID } from 'node:crypto'
import { DatabaseError, escapeIdentifier, escapeLiteral, type Client } from 'pg'
import { CredentialsExistError, ProviderError } from '../../provider-kit/index.ts'
import { transaction } from './connection.ts'

/** Longest wait for a session to end after it was told to. */
const TERMINATE_TIMEOUT_MS = 5000
/** Longest wait for those who change the login's row just now, its own sessions among them. */
const ROW_TIMEOUT_MS = 3000
/** A deletion is tried again this often when somebody else changes the same role at the same moment. */
const ATTEMPTS = 10
/** Rounds in which sessions are ended: one may have been let in just before the login was shut out. */
const ROUNDS = 3

export interface NewLogin {
  readonly name: string
  readonly verifier: string
  /** The group role that the login becomes a member of. */
  readonly group: string
  /** For people who look at the role. */
  readonly comment: string
}

/**
 * Creates a login that may do what its group may, and nothing else. It acts as the group from the start of each session,
 * so that what it creates belongs to the group and outlives it. Throws `CredentialsExistError` where the name is taken.
 */
export function createLogin(client: Client, { name, verifier, group, comment }: NewLogin): Promise<void> {
  const [login, member] = [escapeIdentifier(name), escapeIdentifier(group)]
  return transaction(client, async () => {
    await claim(client, name, `LOGIN PASSWORD ${escapeLiteral(verifier)}`)
    await assertGrantable(client, group)
    await client.query(`GRANT ${member} TO ${login}`)
    await client.query(`ALTER ROLE ${login} SET role = ${escapeLiteral(group)}`)
    await client.query(`COMMENT ON ROLE ${login} IS ${escapeLiteral(comment)}`)
  })
}

/**
 * Ends a login: no new session, no running one, then the role itself. What it owns in this database passes to `heir`.
 * A role that does not exist is deleted already.
 */
export async function deleteLogin(client: Client, name: string, heir: string): Promise<void> {
  for (let attempt = 1; await isThere(client, name); attempt++) {
    try {
      await shutOut(client, name)
      await endSessions(client, name)
      await drop(client, name, heir)
      return
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof DatabaseError)) throw error
      // Whoever loses the role to another pod in mid-statement can be told anything, "permission denied" among it.
      if (!isRace(error) && (await exists(client, name))) throw error
    }
  }
}

/** Waits for a creation under way, whose COMMIT may have been sent by a client that is gone. */
export async function isThere(client: Client, login: string): Promise<boolean> {
  if (await exists(client, login)) return true
  await client.query('BEGIN')
  try {
    await claim(client, login, 'NOLOGIN')
    return false
  } catch (error) {
    if (error instanceof CredentialsExistError) return true
    throw error
  } finally {
    await client.query('ROLLBACK')
  }
}

/**
 * Makes the role, or waits for another transaction that makes it and throws `CredentialsExistError` once that has. The name
 * itself is the lock, since only administrators can hold it: an advisory lock any login can take, and keep.
 */
async function claim(client: Client, name: string, attributes: string): Promise<void> {
  try {
    await client.query(
      `CREATE ROLE ${escapeIdentifier(name)} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS ${attributes}`,
    )
  } catch (error) {
    throw isOneOf(error, TAKEN) ? new CredentialsExistError(`the role ${name} exists`) : error
  }
}

/** duplicate_object; unique_violation, where the other transaction had to be waited for. */
const TAKEN = ['42710', '23505']
/** internal_error ("tuple concurrently updated"), undefined_object, deadlock_detected, lock_not_available. */
const RACE = ['XX000', '42704', '40P01', '55P03']

const isOneOf = (error: unknown, states: readonly string[]): boolean =>
  error instanceof DatabaseError && states.includes(error.code ?? '')

/** Somebody else changed the role at the same moment: another pod of the Job, or the login itself. */
const isRace = (error: unknown): boolean => isOneOf(error, RACE)

async function exists(client: Client, role: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::name', [role])
  return rowCount === 1
}

/** No new session. A session that has changed its own role and does not commit holds the row: it is ended first. */
function shutOut(client: Client, name: string): Promise<void> {
  return asMember(client, name, async () => {
    await terminate(client, name, 0)
    await client.query(`SET LOCAL lock_timeout = ${String(ROW_TIMEOUT_MS)}`)
    await client.query(`ALTER ROLE ${escapeIdentifier(name)} NOLOGIN`)
  })
}

async function endSessions(client: Client, name: string): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const running = await asMember(client, name, () => terminate(client, name, TERMINATE_TIMEOUT_MS))
    if (running === 0) return
  }
  throw new ProviderError('SessionsRemain', `The login ${name} is shut out, but sessions of it do not end.`)
}

/** Tells the role's sessions to end, and waits for each where `timeoutMs` is not 0; their number before. */
async function terminate(client: Client, name: string, timeoutMs: number): Promise<number> {
  const { rowCount } = await client.query(
    `SELECT pg_catalog.pg_terminate_backend(pid, $2::bigint) FROM pg_catalog.pg_stat_activity WHERE usename = $1::name`,
    [name, timeoutMs],
  )
  return rowCount ?? 0
}

function drop(client: Client, name: string, group: string): Promise<void> {
  const login = escapeIdentifier(name)
  return asMember(client, name, async () => {
    await client.query(`REASSIGN OWNED BY ${login} TO ${escapeIdentifier(await heirOf(client, name, group))}`)
    await client.query(`DROP OWNED BY ${login}`)
    await client.query(`DROP ROLE ${login}`)
  })
}

/**
 * As a member the administrator may end the role's sessions and pass on what it owns, without being a superuser: by way of
 * a new role, since a login of PostgreSQL 14 may grant itself, and could so hold up a grant to the administrator.
 */
function asMember<T>(client: Client, name: string, work: () => Promise<T>): Promise<T> {
  const way = escapeIdentifier(`cc_way_${randomUUID()}`)
  return transaction(client, async () => {
    await client.query(`CREATE ROLE ${way} IN ROLE ${escapeIdentifier(name)} ROLE CURRENT_USER`)
    const result = await work()
    await client.query(`DROP ROLE ${way}`)
    return result
  })
}

/**
 * A credential's author may name any role, so that roles which lead to other people's rights are refused: logins, predefined
 * roles, and groups that are or may become able to administer the server or to act outside it.
 */
async function assertGrantable(client: Client, group: string): Promise<void> {
  const { rows } = await client.query<{ login: boolean; predefined: boolean; powerful: boolean }>(
    `SELECT g.rolcanlogin AS login, pg_catalog.starts_with(g.rolname::text, 'pg_'::text) AS predefined,
            pg_catalog.bool_or(r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
              OR r.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')) AS powerful
       FROM pg_catalog.pg_roles g JOIN pg_catalog.pg_roles r ON pg_catalog.pg_has_role(g.oid, r.oid, 'MEMBER'::text)
      WHERE g.rolname = $1::name GROUP BY g.oid, g.rolname, g.rolcanlogin`,
    [group],
  )
  const [found] = rows
  if (found === undefined) throw new ProviderError('RoleNotFound', `The group role ${group} does not exist.`)
  if (found.login || found.predefined || found.powerful) {
    const kind = found.login
      ? 'a login'
      : found.predefined
        ? 'a predefined role'
        : 'a role that can administer the server'
    throw new ProviderError(
      'RoleNotGrantable',
      `${group} is ${kind}. Name a group role that holds what the login needs.`,
    )
  }
}

/** The group, as long as the login is its member; else the administrator, so that nothing is ever dropped. */
async function heirOf(client: Client, login: string, group: string): Promise<string> {
  const { rows } = await client.query<{ heir: string }>(
    `SELECT coalesce(
       (SELECT rolname FROM pg_catalog.pg_roles
         WHERE rolname = $2::name AND pg_catalog.pg_has_role($1::name, oid, 'MEMBER'::text)), current_user) AS heir`,
    [login, group],
  )
  return rows[0]?.heir ?? group
}
