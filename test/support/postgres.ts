import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client, type QueryResult } from 'pg'
import { freePort } from '../cluster/host/ports.ts'
import { selfSigned } from './self-signed.ts'

/** Folder of the server's programs, where they are installed: on the PATH, or where Debian puts them. */
export const postgresPrograms = (): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), ...globSync('/usr/lib/postgresql/*/bin').toReversed()].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )

export const SUPERUSER = { user: 'postgres', password: 'superuser-of-the-test' }

/** A PostgreSQL server of the test's own: on 127.0.0.1, with TLS, every statement logged. It must not run as root. */
export class PostgresServer implements AsyncDisposable {
  readonly host = '127.0.0.1'
  readonly port: number
  /** PEM file that vouches for the server. */
  readonly rootCert: string
  readonly #folder: string
  readonly #process: ChildProcess

  private constructor(folder: string, port: number, process: ChildProcess) {
    this.#folder = folder
    this.port = port
    this.rootCert = join(folder, 'server.crt')
    this.#process = process
  }

  static async start(programs: string): Promise<PostgresServer> {
    const folder = await mkdtemp(join(tmpdir(), 'postgres-'))
    const as = owner()
    const data = join(folder, 'data')
    const passwordFile = join(folder, 'password')
    const { key, cert } = await selfSigned()
    const files = [
      [passwordFile, SUPERUSER.password],
      [join(folder, 'server.crt'), cert],
      [join(folder, 'server.key'), key],
      [join(folder, 'pg_hba.conf'), ACCESS],
    ] as const
    for (const [file, text] of files) await writeFile(file, text, { mode: 0o600 })
    if (as) for (const file of [folder, ...files.map(([name]) => name)]) await chown(file, as.uid, as.gid)

    const options = ['--username', SUPERUSER.user, '--pwfile', passwordFile, '--auth=scram-sha-256', '--encoding=UTF8']
    await promisify(execFile)(join(programs, 'initdb'), ['--pgdata', data, '--no-sync', '--no-locale', ...options], as)
    const port = await freePort()
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      hba_file: join(folder, 'pg_hba.conf'),
      ssl: 'on',
      ssl_cert_file: join(folder, 'server.crt'),
      ssl_key_file: join(folder, 'server.key'),
      fsync: 'off',
      log_statement: 'all',
      logging_collector: 'on',
      log_directory: folder,
      log_filename: 'server.log',
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(join(programs, 'postgres'), ['-D', data, ...flags], { ...as, stdio: 'ignore' })
    const server = new PostgresServer(folder, port, child)
    await server.#ready()
    return server
  }

  /** Runs statements as the superuser; rows of the last. */
  async sql(text: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = await this.connect(SUPERUSER, database)
    try {
      const results: QueryResult<Record<string, unknown>> | QueryResult<Record<string, unknown>>[] =
        await client.query(text)
      return [results].flat().at(-1)?.rows ?? []
    } finally {
      await client.end()
    }
  }

  async connect(login: { user: string; password: string }, database = 'postgres'): Promise<Client> {
    const client = new Client({ host: this.host, port: this.port, database, ...login })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  /** All that the server has logged. */
  log(): Promise<string> {
    return readFile(join(this.#folder, 'server.log'), 'utf8')
  }

  async #ready(): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const up = await this.sql('SELECT 1').catch(() => undefined)
      if (up !== undefined) return
      if (this.#process.exitCode !== null) throw new Error(`postgres ended: ${await this.log().catch(() => 'no log')}`)
      await delay(100)
    }
    throw new Error('postgres did not start within a minute')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // SIGINT: fast shutdown, which does not wait for sessions to end.
    if (this.#process.exitCode === null && this.#process.kill('SIGINT')) await once(this.#process, 'exit')
    await rm(this.#folder, { recursive: true })
  }
}

/** Logging in to the database `clear` takes the password in clear text, as a server that fishes for it would. */
const ACCESS = `
host clear all 127.0.0.1/32 password
host all   all 127.0.0.1/32 scram-sha-256
`

/** Whom the server runs as: the user `postgres` of Debian's package where the test itself runs as root. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
