import { setTimeout as sleep } from 'node:timers/promises'
import { annotation } from '../../../src/api/labels.ts'
import type { Answer, Ask } from '../../support/ask.ts'

const apiVersion = 'customcredentials.dev/v1alpha1'
const RETRY_MS = 200
/** Longer than a restart of the whole control plane. */
const MOST_RETRIES = 900

/** Asks again where the API server is away or unwell; so a request may take effect twice. */
export const persistent =
  (ask: Ask): Ask =>
  async (...request) => {
    for (let attempt = 0; attempt < MOST_RETRIES; attempt++) {
      const answer = await ask(...request).catch(() => undefined)
      if (answer !== undefined && answer.code < 500 && answer.code !== 429) return answer
      await sleep(RETRY_MS)
    }
    throw new Error(`${request[0]} ${request[1]}: the API server has not come back`)
  }

/** What people do with kubectl, in the cluster. */
export class People {
  readonly #ask: Ask
  #touches = 0

  constructor(ask: Ask) {
    this.#ask = persistent(ask)
  }

  /** A namespace in which pods can be made, with the provider `ledger`, which the operator has looked at. */
  async openTenant(name: string): Promise<void> {
    await this.#must('POST', '/api/v1/namespaces', { metadata: { name } })
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`
    while ((await this.#ask('GET', account)).code !== 200) await sleep(RETRY_MS)
    const spec = {
      capabilities: ['find'],
      template: { spec: { containers: [{ name: 'provider', image: 'provider:dev' }] } },
      schema: { credentials: [{ name: 'password', type: 'string', required: true }] },
    }
    const provider = { apiVersion, kind: 'CredentialsProvider', metadata: { name: 'ledger' }, spec }
    await this.#must('POST', pathOf(name, 'credentialsproviders'), provider)
    while (!(await this.#isJudged(`${pathOf(name, 'credentialsproviders')}/ledger`))) await sleep(RETRY_MS)
  }

  create(namespace: string, name: string): Promise<void> {
    const spec = { providerRef: { name: 'ledger' } }
    const credential = { apiVersion, kind: 'CustomCredential', metadata: { name }, spec }
    return this.#must('POST', pathOf(namespace, 'customcredentials'), credential)
  }

  rotate(namespace: string, name: string, request: string): Promise<void> {
    const body = { metadata: { annotations: { [annotation.rotateRequestedAt]: request } } }
    return this.#must('PATCH', `${pathOf(namespace, 'customcredentials')}/${name}`, body)
  }

  remove(namespace: string, name: string): Promise<void> {
    return this.#must('DELETE', `${pathOf(namespace, 'customcredentials')}/${name}`, {
      propagationPolicy: 'Background',
    })
  }

  /** Jobs of a credential that is gone: finished, they would only weigh on what follows. */
  async clear(namespace: string, name: string): Promise<void> {
    const selector = encodeURIComponent(`customcredentials.dev/credential=${name}`)
    const body = { propagationPolicy: 'Background' }
    await this.#ask('DELETE', `/apis/batch/v1/namespaces/${namespace}/jobs?labelSelector=${selector}`, { body })
  }

  async #isJudged(path: string): Promise<boolean> {
    const { body } = await this.#ask('GET', path)
    return (body['status'] as { conditions?: object[] } | undefined)?.conditions !== undefined
  }

  /** Notes something on an object of which a path speaks, as anybody may do. */
  async touch(path: string): Promise<void> {
    const object = path.split('?')[0]?.replace(/\/status$/, '') ?? ''
    const body = { metadata: { annotations: { 'example.com/touched': String((this.#touches += 1)) } } }
    await this.#ask('PATCH', object, { body })
  }

  /** A request that was repeated may meet its own effect; what is gone need not be changed. */
  async #must(method: Parameters<Ask>[0], path: string, body: object): Promise<void> {
    const { code, message }: Answer = await this.#ask(method, path, { body })
    const isDone = code < 300 || (method === 'POST' && code === 409) || (method !== 'POST' && code === 404)
    if (!isDone) throw new Error(`${method} ${path}: ${message}`)
  }
}

const pathOf = (namespace: string, plural: string): string => `/apis/${apiVersion}/namespaces/${namespace}/${plural}`
