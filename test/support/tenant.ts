import { expect, vi } from 'vitest'
import type {
  Condition,
  CredentialsProvider,
  CustomCredential,
  OrphanedCredential,
  SecretTask,
} from '../../src/api/generated.ts'
import { label } from '../../src/api/labels.ts'
import type { Secret } from '../../src/api/resources.ts'
import type { EventRecord } from '../../src/kube/events.ts'
import type { Ask } from './ask.ts'
import type { Container } from './kubelet.ts'
import { idOf, passwordOf, type Ledgered } from './upstream.ts'

const apiVersion = 'customcredentials.dev/v1alpha1'
const WAIT = { timeout: 120_000, interval: 100 }

/** As `expect.poll` does, which has to know the test that it is in: of tests that run at the same time nobody can tell. */
const eventually = (assertion: () => Promise<void>, wait = WAIT): Promise<void> => vi.waitFor(assertion, wait)

/** Where a namespace is, and what its tasks make. */
interface Place {
  readonly ask: Ask
  readonly upstream: Ledgered
}

/** One namespace and what its team does in it; waits for what comes of it. */
export class Tenant {
  readonly name: string
  readonly #ask: Ask
  readonly #upstream: Ledgered

  private constructor({ ask, upstream }: Place, name: string) {
    this.#ask = ask
    this.#upstream = upstream
    this.name = name
  }

  /** A new namespace. Its name begins with `prefix`; no other has it, of whatever test that used this API server before. */
  static async open(place: Place, prefix: string, labels: Readonly<Record<string, string>> = {}): Promise<Tenant> {
    const metadata = { generateName: `${prefix}-`, labels }
    const { code, body, message } = await place.ask('POST', '/api/v1/namespaces', { body: { metadata } })
    if (code >= 300) throw new Error(`no namespace ${prefix}: ${message}`)
    const tenant = new Tenant(place, (body as { metadata: { name: string } }).metadata.name)
    const account = `${tenant.core('serviceaccounts')}/default`
    await vi.waitUntil(async () => (await place.ask('GET', account)).code === 200, WAIT)
    return tenant
  }

  /** A request that has to succeed. */
  async #must(...[method, path, asked]: Parameters<Ask>): Promise<void> {
    const { code, message } = await this.#ask(method, path, asked)
    if (code >= 300) throw new Error(`${method} ${path}: ${message}`)
  }

  core = (plural: string): string => `/api/v1/namespaces/${this.name}/${plural}`
  ours = (plural: string): string => `/apis/${apiVersion}/namespaces/${this.name}/${plural}`
  jobs = (): string => `/apis/batch/v1/namespaces/${this.name}/jobs`

  /** A provider that makes one output, `password`, and can find what a lost run made. */
  async provider(name: string, spec: object = {}): Promise<void> {
    const body = { apiVersion, kind: 'CredentialsProvider', metadata: { name }, spec: providerSpec(spec) }
    await this.#must('POST', this.ours('credentialsproviders'), { body })
  }

  /** A merge patch of its spec. */
  async editProvider(name: string, spec: object): Promise<void> {
    await this.#must('PATCH', `${this.ours('credentialsproviders')}/${name}`, { body: { spec } })
  }

  /** What its status says, as `type=status reason`. */
  async providerConditions(name: string): Promise<string[]> {
    const { body } = await this.#ask('GET', `${this.ours('credentialsproviders')}/${name}`)
    const { status } = body as unknown as CredentialsProvider
    return (status.conditions ?? []).map((one) => `${one.type}=${one.status} ${one.reason}`)
  }

  /** Resolves once the operator has judged the provider, with its verdict. */
  async verdict(provider: string): Promise<Condition> {
    const path = `${this.ours('credentialsproviders')}/${provider}`
    const read = async () => {
      const { body } = await this.#ask('GET', path)
      const { status } = body as unknown as CredentialsProvider
      return status.conditions?.find(({ type }) => type === 'Accepted')
    }
    return vi.waitUntil(read, WAIT)
  }

  async credential(name: string, spec: object = {}): Promise<void> {
    const body = {
      apiVersion,
      kind: 'CustomCredential',
      metadata: { name },
      spec: { providerRef: { name: 'ledger' }, ...spec },
    }
    await this.#must('POST', this.ours('customcredentials'), { body })
  }

  async patch(name: string, body: object): Promise<void> {
    await this.#must('PATCH', `${this.ours('customcredentials')}/${name}`, { body })
  }

  /** Asks for a rotation now. */
  async rotate(name: string, request: string): Promise<void> {
    await this.patch(name, { metadata: { annotations: { 'customcredentials.dev/rotate-requested-at': request } } })
  }

  async remove(name: string, propagationPolicy: 'Background' | 'Foreground' = 'Background'): Promise<void> {
    const path = `${this.ours('customcredentials')}/${name}`
    await this.#must('DELETE', path, { body: { propagationPolicy } })
  }

  /** What containers do for this namespace from now on. */
  play(script: Container | 'honest'): void {
    this.#upstream.play(this.name, script)
  }

  async read(name: string): Promise<CustomCredential | undefined> {
    const answer = await this.#ask('GET', `${this.ours('customcredentials')}/${name}`)
    return answer.code === 404 ? undefined : (answer.body as unknown as CustomCredential)
  }

  async secret(name: string): Promise<Secret | undefined> {
    const answer = await this.#ask('GET', `${this.core('secrets')}/${name}`)
    return answer.code === 404 ? undefined : (answer.body as unknown as Secret)
  }

  /** What the operator holds for the credential of this UID: its payloads, kits and target Secret, wherever they are. */
  async secretsOf(uid: string): Promise<string[]> {
    const selector = encodeURIComponent(`${label.credentialUid}=${uid}`)
    const { body } = await this.#ask('GET', `/api/v1/secrets?labelSelector=${selector}`)
    return (body['items'] as readonly Secret[]).map(({ metadata }) => metadata.name)
  }

  /** Tasks of a credential, oldest first. */
  async tasks(credential: string): Promise<readonly SecretTask[]> {
    const selector = encodeURIComponent(`${label.credential}=${credential}`)
    const { body } = await this.#ask('GET', `${this.ours('secrettasks')}?labelSelector=${selector}`)
    const tasks = body['items'] as readonly SecretTask[]
    return tasks.toSorted((a, b) => a.spec.version - b.spec.version || a.spec.attempt - b.spec.attempt)
  }

  async orphans(): Promise<readonly OrphanedCredential[]> {
    const { body } = await this.#ask('GET', `/apis/${apiVersion}/orphanedcredentials`)
    const all = body['items'] as readonly OrphanedCredential[]
    return all.filter(({ spec }) => spec.credential.namespace === this.name)
  }

  /** What its status says, as `type=status reason`. */
  async conditions(name: string): Promise<string[]> {
    const { conditions = [] } = (await this.read(name))?.status ?? {}
    return conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)
  }

  /** What has been told of the objects of a kind, or of one of them, as `type reason`. */
  async events(kind: string, name?: string): Promise<string[]> {
    const { body } = await this.#ask('GET', `/apis/events.k8s.io/v1/namespaces/${this.name}/events`)
    const events = body['items'] as readonly EventRecord[]
    return events
      .filter(({ regarding }) => regarding.kind === kind && (name === undefined || regarding.name === name))
      .map(({ type, reason }) => `${type} ${reason}`)
  }

  /** Resolves with the condition once it has this status and reason. */
  async condition(name: string, type: string, is: Pick<Condition, 'status' | 'reason'>): Promise<Condition> {
    let found: Condition | undefined
    await eventually(async () => {
      found = (await this.read(name))?.status.conditions?.find((condition) => condition.type === type)
      expect(found && { status: found.status, reason: found.reason }).toEqual(is)
    })
    return found as Condition
  }

  /** Resolves once this version is current, and asserts that the Secret holds all of it and nothing else. */
  async reaches(name: string, version: number): Promise<void> {
    await eventually(async () => {
      expect((await this.read(name))?.status.currentVersion).toBe(version)
    })
    const { credentialsId = '' } =
      (await this.read(name))?.status.versions?.find((entry) => entry.version === version) ?? {}
    const password = Buffer.from(passwordOf(credentialsId)).toString('base64')
    expect((await this.secret(name))?.data).toEqual({ password })
  }

  /** Resolves once the credential's object is gone. */
  async vanishes(name: string): Promise<void> {
    await eventually(async () => {
      expect(await this.read(name)).toBeUndefined()
    })
  }

  /** Resolves with the first task that has this state. */
  async taskIn(credential: string, state: SecretTask['status']['state'], timeout = WAIT.timeout): Promise<SecretTask> {
    let found: SecretTask | undefined
    const find = async () => {
      found = (await this.tasks(credential)).find(({ status }) => status.state === state)
      expect(found?.status.state).toBe(state)
    }
    await eventually(find, { ...WAIT, timeout })
    return found as SecretTask
  }

  /**
   * Asserts, once no task is open, that nothing is lost: what exists upstream is what versions, obligations and orphans
   * tell of, and every version in use exists.
   */
  async balances(...names: readonly string[]): Promise<void> {
    await eventually(async () => {
      expect(await this.#open(names)).toEqual([])
    })
    await eventually(async () => {
      expect(await this.#differences(names)).toEqual({ forgotten: [], missing: [] })
    })
  }

  async #open(names: readonly string[]): Promise<string[]> {
    const tasks = (await Promise.all(names.map((name) => this.tasks(name)))).flat()
    const open = tasks.filter(({ status }) => status.state === 'queued' || status.state === 'processing')
    return open.map(({ metadata }) => metadata.name)
  }

  async #differences(names: readonly string[]): Promise<{ forgotten: string[]; missing: string[] }> {
    const statuses = (await Promise.all(names.map((name) => this.read(name)))).map((credential) => credential?.status)
    const versions = statuses.flatMap((status) => status?.versions ?? [])
    const orphans = (await this.orphans()).map(({ spec }) => spec)
    const owed = [...statuses.flatMap((status) => status?.unresolved ?? []), ...orphans].map(
      ({ credentialsId, originTaskId }) => credentialsId ?? idOf(originTaskId),
    )
    const recorded = new Set([...versions.map(({ credentialsId }) => credentialsId), ...owed])
    const alive = this.#upstream.alive(this.name)
    const inUse = versions.map(({ credentialsId }) => credentialsId).filter((id) => !owed.includes(id))
    return {
      forgotten: alive.filter((id) => !recorded.has(id)),
      missing: inUse.filter((id) => !alive.includes(id)),
    }
  }
}

/** The part of a provider that both kinds share. */
export const providerSpec = (spec: object = {}): object => ({
  capabilities: ['find'],
  template: { spec: { containers: [{ name: 'provider', image: 'provider:dev' }] } },
  schema: { credentials: [{ name: 'password', type: 'string', required: true }] },
  ...spec,
})
