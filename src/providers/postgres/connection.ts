import { readFileSync } from 'node:fs'
import { Client, DatabaseError, type ClientConfig } from 'pg'
import { ProviderError } from '../../provider-kit/index.ts'
import type { Login, Server } from './settings.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** Bounds the wait for locks that other sessions hold. */
const STATEMENT_TIMEOUT_MS = 60_000

/** Connects, works, disconnects. Where the server cannot be reached or says no, throws a `ProviderError` with its words. */
export async function withConnection<T>(
  server: Server,
  login: Login,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = connectable(server, login)
  try {
    await client.connect()
  } catch (error) {
    throw new ProviderError('DatabaseUnreachable', `Cannot log in at ${server.host}:${server.port}: ${reason(error)}`)
  }
  try {
    return await work(client)
  } catch (error) {
    throw error instanceof DatabaseError ? new ProviderError('DatabaseRefused', reason(error)) : error
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Runs `work` in a transaction, which is rolled back when it fails. */
export async function transaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  let result: T
  try {
    result = await work()
  } catch (error) {
    // Where the connection is broken the server rolls back by itself.
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
  await client.query('COMMIT').catch((cause: unknown) => {
    // No `ProviderError`: that would say that nothing was made, and the server may have committed before the answer was lost.
    throw new Error('COMMIT was not answered', { cause })
  })
  return result
}

function connectable({ host, port, database, ...server }: Server, { user, password }: Login): Client {
  let inClear = false
  const client = new Client({
    host,
    port,
    database,
    user,
    password() {
      if (inClear && server.sslmode !== 'verify-full')
        throw new Error('an unverified server asks for the password in clear')
      return password
    },
    ssl: tls(server),
    application_name: 'custom-credentials-provider',
    // Nothing that a login has made may stand in for what our statements mean: it would run with the administrator's rights.
    // What is asked for at the start of a session goes before the settings of the database and the role.
    options: '-c search_path=pg_catalog',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  })
  // Ahead of the client's own listener, which asks for the password: whoever answers at `host` must not simply be told it.
  client.connection.once('authenticationCleartextPassword', () => {
    inClear = true
  })
  // A connection that breaks fails its query; without a listener it would end the process as well.
  client.on('error', () => undefined)
  return client
}

function tls({ sslmode, rootCert }: Pick<Server, 'sslmode' | 'rootCert'>): ClientConfig['ssl'] {
  switch (sslmode) {
    case 'disable':
      return false
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-full':
      return { rejectUnauthorized: true, ...(rootCert !== undefined && { ca: readFileSync(rootCert, 'utf8') }) }
  }
}

/** The server's own words. No password was ever sent to it, so that none can be among them. */
function reason(error: unknown): string {
  if (error instanceof DatabaseError) {
    return [`${error.message} (SQLSTATE ${error.code ?? 'unknown'})`, error.detail].filter(Boolean).join('. ')
  }
  if (error instanceof AggregateError) return error.errors.map(reason).join(', ')
  return error instanceof Error ? error.message : 'unknown error'
}
