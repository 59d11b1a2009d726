import * as v from 'valibot'
import { ProviderError } from '../../provider-kit/index.ts'

export const SSL_MODES = ['disable', 'require', 'verify-full'] as const

const identifier = v.pipe(
  v.string('is missing'),
  v.nonEmpty('is empty'),
  v.excludes('\0', 'holds a NUL'),
  // PostgreSQL cuts longer names off silently, and could so mean another object.
  v.maxBytes(63, 'is longer than 63 bytes'),
)
const parameters = v.object({
  host: v.pipe(v.string('is missing'), v.regex(/^[A-Za-z0-9._:-]+$/, 'is not a host name or address')),
  port: v.pipe(
    v.optional(v.string(), '5432'),
    v.regex(/^\d{1,5}$/, 'is not a port'),
    v.transform(Number),
    v.minValue(1, 'is not a port'),
    v.maxValue(65_535, 'is not a port'),
  ),
  database: identifier,
  role: identifier,
  sslmode: v.optional(v.picklist(SSL_MODES, `is none of ${SSL_MODES.join(', ')}`), 'verify-full'),
})
const administrator = v.object({ PGUSER: v.string(), PGPASSWORD: v.string(), PGSSLROOTCERT: v.optional(v.string()) })

/** Where the database is and how far its server is trusted. */
export interface Server {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly sslmode: (typeof SSL_MODES)[number]
  /** File with the certificate authorities (PEM) that vouch for the server; absent: the system's. */
  readonly rootCert: string | undefined
}

export interface Login {
  readonly user: string
  readonly password: string
}

export interface Settings {
  readonly server: Server
  readonly admin: Login
  /** The group role that a new login is made a member of: all that it may do. */
  readonly role: string
}

type Text = Readonly<Record<string, string | undefined>>

/**
 * Reads the credential's parameters and the administrator's environment, whose variables are named as libpq names them.
 * A parameter that the environment fixes cannot be changed by the credential. Throws `ProviderError` `InvalidInput`.
 */
export function readSettings(inputs: Text, environment: Text): Settings {
  const { PGHOST: host, PGPORT: port, PGDATABASE: database, PGSSLMODE: sslmode } = environment
  const fixed = Object.entries({ host, port, database, sslmode }).filter(([, value]) => value !== undefined)
  for (const [name, value] of fixed) {
    if ((inputs[name] ?? value) !== value) throw invalid(`${name}: is set by the provider`)
  }
  const { role, ...where } = parse(parameters, { ...inputs, ...Object.fromEntries(fixed) })
  const { PGUSER: user, PGPASSWORD: password, PGSSLROOTCERT: rootCert } = parse(administrator, environment)
  return { role, server: { ...where, rootCert }, admin: { user, password } }
}

function parse<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, value)
  if (read.success) return read.output
  throw invalid(read.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join('; '))
}

const invalid = (problems: string) => new ProviderError('InvalidInput', problems)
