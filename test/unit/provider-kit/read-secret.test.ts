import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aProvider, createOrder, made, run } from './stage.ts'
import { type Reaction, TaskGateway } from './task-gateway.ts'

let gateway: TaskGateway
beforeEach(async () => {
  gateway = await TaskGateway.start()
})
afterEach(() => gateway[Symbol.asyncDispose]())

const ID = '3b241101-e2bb-5255-8caf-4136c566a962'
const variables = { ...createOrder, SMIN_ADMIN_VALUE: ID }
const CANARY = 'canary-0815'
const showing = (body: object): Reaction => ({ status: 200, body })
const refusing = (status: number, message: string): Reaction => ({
  status,
  body: { errors: [{ code: 'secret_not_found', message }] },
})

/** What a provider reads for its input, and what becomes of its run. */
async function read(input: string, ...reactions: Reaction[]) {
  gateway.reset([...reactions, 200])
  let values: unknown
  const provider = aProvider({
    async createCredentials({ readSecret }) {
      values = await readSecret(input)
      return made
    },
  })
  const { exit, log } = await run(gateway, provider, { variables })
  return { values, exit, log }
}

describe('the Secret of an input', () => {
  it.each<[string, object, object]>([
    ['kv', { data: { user: CANARY } }, { user: CANARY }],
    ['custom_credentials', { credentials_content: { user: CANARY } }, { user: CANARY }],
    ['arbitrary', { payload: CANARY }, { payload: CANARY }],
    ['username_password', { username: 'root', password: CANARY }, { username: 'root', password: CANARY }],
    ['imported_cert', { certificate: 'c', private_key: CANARY }, { certificate: 'c', private_key: CANARY }],
  ])('is its values by key, whatever its type: %s', async (type, content, values) => {
    const ran = await read('admin', showing({ id: ID, name: 'ledger-admin', secret_type: type, ...content }))
    expect(ran).toMatchObject({ values, exit: 'done' })
    expect(ran.log).not.toContain(CANARY)
    expect(gateway.received[0]).toMatchObject({ method: 'GET', path: `/api/v2/secrets/${ID}`, token: 'Bearer token-1' })
  })

  it('has all of its keys, those that every object inherits among them', async () => {
    const data = JSON.parse('{"constructor": "a", "prototype": "b", "__proto__": "c"}') as object
    expect(Object.entries((await read('admin', showing({ secret_type: 'kv', data }))).values ?? {})).toEqual([
      ['constructor', 'a'],
      ['prototype', 'b'],
      ['__proto__', 'c'],
    ])
  })

  it('is asked for again where no answer decides', async () => {
    const kv = { secret_type: 'kv', data: { user: CANARY } }
    await expect(read('admin', 503, 'lost', 401, showing(kv))).resolves.toMatchObject({ values: { user: CANARY } })
  })

  it.each<[string, string, readonly Reaction[], string]>([
    ['no Secret is named', 'mail', [], 'The credential names no Secret for the input mail.'],
    [
      'no Secret is named for what every object inherits',
      'constructor',
      [],
      'The credential names no Secret for the input constructor.',
    ],
    [
      'it has something else than texts',
      'admin',
      [showing({ secret_type: 'kv', data: { constructor: 7 } })],
      'The Secret for the input admin is of a kind that the kit does not know.',
    ],
    [
      'it is gone',
      'admin',
      [refusing(404, 'the input Secret "ledger-admin" is gone')],
      'Input admin: the input Secret "ledger-admin" is gone.',
    ],
    ['something else refuses', 'admin', [403], 'Input admin: the task gateway answers 403.'],
    [
      'it is of another type',
      'admin',
      [showing({ secret_type: 'iam_credentials', api_key: CANARY })],
      'The Secret for the input admin is of a kind that the kit does not know.',
    ],
  ])(
    'is not there, where %s: that is told, and that nothing is known of what was made',
    async (_, input, answers, why) => {
      const { exit, log } = await read(input, ...answers)
      expect(exit).toBe('undecided')
      expect(log).toContain(JSON.stringify(why).slice(1, -1))
      expect(log).not.toContain(CANARY)
      expect(gateway.reports).toEqual([])
    },
  )
})

it('a deletion that can not read it says so in its report', async () => {
  gateway.reset([refusing(404, 'the input Secret "ledger-admin" is gone'), 200])
  const provider = aProvider({
    async deleteCredentials({ readSecret }) {
      await readSecret('admin')
    },
  })
  const order = { SM_ACTION: 'delete_credentials', SM_CREDENTIALS_ID: 'cred-1', SMIN_ADMIN_VALUE: ID }
  expect((await run(gateway, provider, { variables: order })).exit).toBe('failed')
  expect(gateway.received.at(-1)?.body).toMatchObject({
    status: 'failed',
    errors: [{ code: 'SecretInputUnavailable', description: 'Input admin: the input Secret "ledger-admin" is gone.' }],
  })
})
