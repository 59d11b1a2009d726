// Places an order five times a second, each time by a new login with what the mounted Secret holds at that moment.
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

const LOGIN = '/var/run/orders-db/uri'
const PAUSE_MS = 200
const REPORT_EVERY = 5

/** Logs in and places an order; the login's name. */
async function placeOrder(): Promise<string> {
  const client = new Client({ connectionString: await readFile(LOGIN, 'utf8'), connectionTimeoutMillis: 10_000 })
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
let user = ''
for (let tried = 1, failed = 0; ; tried += 1) {
  const before = user
  let error: string | undefined
  try {
    user = await placeOrder()
  } catch (reason) {
    failed += 1
    error = reason instanceof Error ? reason.message : 'unknown'
  }
  if (user !== before || error !== undefined || tried % REPORT_EVERY === 0) {
    console.log(JSON.stringify({ tried, failed, user, error }))
  }
  await sleep(PAUSE_MS)
}
