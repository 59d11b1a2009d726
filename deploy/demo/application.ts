// Places an order five times a second, each time by a new login with what a mounted Secret holds at that moment; where there
// are several Secrets, with one after the other.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** Each folder in it is a Secret. */
const LOGINS = '/var/run/logins'
const PAUSE_MS = 200
const REPORT_EVERY = 5

/** Logs in and places an order; the login's name. */
async function placeOrder(secret: string): Promise<string> {
  const connectionString = await readFile(join(LOGINS, secret, 'uri'), 'utf8')
  const client = new Client({ connectionString, connectionTimeoutMillis: 10_000 })
  // A connection that is lost fails its query; without a listener it would end the process as well.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query('INSERT INTO orders DEFAULT VALUES')
    return client.user ?? ''
  } finally {
    await client.end()
  }
}

process.once('SIGTERM', () => process.exit(0))
const secrets = await readdir(LOGINS)
const users = new Map<string, string>()
for (let tried = 1, failed = 0; ; tried += 1) {
  const secret = secrets[tried % secrets.length] ?? ''
  const before = users.get(secret)
  let user = before ?? ''
  let error: string | undefined
  try {
    user = await placeOrder(secret)
    users.set(secret, user)
  } catch (reason) {
    failed += 1
    error = reason instanceof Error ? reason.message : 'unknown'
  }
  if (user !== before || error !== undefined || tried % REPORT_EVERY === 0) {
    console.log(JSON.stringify({ tried, failed, secret, user, error }))
  }
  await sleep(PAUSE_MS)
}
