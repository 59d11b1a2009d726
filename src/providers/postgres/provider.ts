import { randomBytes } from 'node:crypto'
import { ProviderError, type Credentials, type Provider } from '../../provider-kit/index.ts'
import { withConnection } from './connection.ts'
import { createLogin, deleteLogin, isThere } from './roles.ts'
import { scramVerifier } from './scram.ts'
import { readSettings, type Server } from './settings.ts'

/**
 * Credentials provider for PostgreSQL 14 and later: each credential is a login of its own, a member of the group role that
 * the parameter `role` names. `environment` holds the administrator's login, who needs CREATEROLE and, from PostgreSQL 16
 * on, ADMIN OPTION on that group.
 */
export function postgresProvider(environment: Readonly<Record<string, string | undefined>>): Provider {
  return {
    async createCredentials({ taskId, namespace, name, inputs }) {
      const { server, admin, role } = readSettings(inputs, environment)
      const login = { user: loginOf(taskId), password: randomBytes(32).toString('base64url') }
      await withConnection(server, admin, (client) =>
        createLogin(client, {
          name: login.user,
          verifier: scramVerifier(login.password),
          group: role,
          comment: `Custom credential ${namespace}/${name}, ${taskId}`,
        }),
      )
      return credentials(server, login)
    },

    async deleteCredentials({ credentialsId, inputs }) {
      if (!MADE_HERE.test(credentialsId)) {
        throw new ProviderError('NotMadeHere', 'The credentials ID is not that of a login which this provider makes.')
      }
      const { server, admin, role } = readSettings(inputs, environment)
      await withConnection(server, admin, (client) => deleteLogin(client, credentialsId, role))
    },

    async find({ originTaskId, inputs }) {
      const { server, admin } = readSettings(inputs, environment)
      const login = loginOf(originTaskId)
      return (await withConnection(server, admin, (client) => isThere(client, login))) ? [login] : []
    },

    async verify({ id, payload }, { inputs }) {
      const { server } = readSettings(inputs, environment)
      await withConnection(server, { user: id, password: String(payload['password']) }, (client) =>
        client.query('SELECT 1'),
      )
    },
  }
}

const MADE_HERE = /^cc_[0-9a-f]{32}$/

/** The login that a task makes: 35 characters, of PostgreSQL's 63. */
const loginOf = (taskId: string): string => `cc_${taskId.replace('sm-task-', '').replaceAll('-', '')}`

function credentials(
  { host, port, database, sslmode }: Server,
  { user, password }: { readonly user: string; readonly password: string },
): Credentials {
  const at = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const uri = `postgresql://${user}:${password}@${at}/${encodeURIComponent(database)}?sslmode=${sslmode}`
  return { id: user, payload: { username: user, password, host, port, database, uri } }
}
