import { escapeIdentifier, escapeLiteral, type Client } from 'pg'
import { CredentialsExistError, ProviderError } from '../../provider-kit/index.ts'
import { transaction } from './connection.ts'

/** Longest wait for a session to end after it was told to. */
const TERMINATE_TIMEOUT_MS = 5000

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
    await lock(client, name)
    if (await exists(client, name)) throw new CredentialsExistError(`the role ${name} exists`)
    await assertGrantable(client, group)
    await client.query(
      `CREATE ROLE ${login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
         IN ROLE ${member} PASSWORD ${escapeLiteral(verifier)}`,
    )
    await client.query(`ALTER ROLE ${login} SET role = ${escapeLiteral(group)}`)
    await client.query(`COMMENT ON ROLE ${login} IS ${escapeLiteral(comment)}`)
  })
}

/**
 * Ends a login: no new session, no running one, then the role itself. What it owns in this database passes to `heir`.
 * A role that does not exist is deleted already.
 */
export async function deleteLogin(client: Client, name: string, heir: string): Promise<void> {
  const login = escapeIdentifier(name)
  await transaction(client, async () => {
    await lock(client, name)
    if (!(await exists(client, name))) return
    await client.query(`ALTER ROLE ${login} NOLOGIN`)
    // As a member the administrator may end the role's sessions and pass on what it owns, without being a superuser.
    await client.query(`GRANT ${login} TO CURRENT_USER`)
  })
  await client.query('SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity WHERE usename = $1', [
    name,
    TERMINATE_TIMEOUT_MS,
  ])
  await transaction(client, async () => {
    await lock(client, name)
    if (!(await exists(client, name))) return
    await client.query(`REASSIGN OWNED BY ${login} TO ${escapeIdentifier(await heirOf(client, name, heir))}`)
    await client.query(`DROP OWNED BY ${login}`)
    await client.query(`DROP ROLE ${login}`)
  })
}

/** Waits for a creation or a deletion under way: the lock outlasts its COMMIT, whose effect nobody may have seen yet. */
export function isThere(client: Client, login: string): Promise<boolean> {
  return transaction(client, async () => {
    await lock(client, login)
    return exists(client, login)
  })
}

async function exists(client: Client, role: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
  return rowCount === 1
}

/** Two pods of one Job, or a deletion and a late creation, take turns. */
async function lock(client: Client, role: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [role])
}

/**
 * A credential's author may name any role, so that roles which lead to other people's rights are refused: logins, predefined
 * roles, and groups that are or may become able to administer the server or to act outside it.
 */
async function assertGrantable(client: Client, group: string): Promise<void> {
  const { rows } = await client.query<{ login: boolean; predefined: boolean; powerful: boolean }>(
    `SELECT g.rolcanlogin AS login, starts_with(g.rolname, 'pg_') AS predefined,
            bool_or(r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
              OR r.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')) AS powerful
       FROM pg_roles g JOIN pg_roles r ON pg_has_role(g.oid, r.oid, 'MEMBER')
      WHERE g.rolname = $1 GROUP BY g.oid, g.rolname, g.rolcanlogin`,
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
    `SELECT coalesce((SELECT rolname FROM pg_roles WHERE rolname = $2 AND pg_has_role($1::name, oid, 'MEMBER')), current_user)
       AS heir`,
    [login, group],
  )
  return rows[0]?.heir ?? group
}
