import { label, MANAGER } from '../api/labels.ts'
import { keyOf, type Manifest } from '../api/meta.ts'
import { Secrets, type Secret } from '../api/resources.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../kube/errors.ts'
import type { KubeApi, PatchOperation } from '../kube/port.ts'
import type { Clock } from '../runtime/clock.ts'
import { AUTHORITY_LIFE_MS, needsSuccessor, unexpired } from './authority-rotation.ts'
import { createAuthority, readKeyPair, type KeyPair } from './certificates.ts'

const NAME = 'task-gateway-ca'

/** Races between replicas that start or rotate together: each one lost shows what another has stored. */
const MAX_RACES = 5

interface Ports {
  readonly api: KubeApi
  readonly clock: Clock
  /** The operator's own. */
  readonly namespace: string
}

/**
 * The certificate authorities of the task gateway, which all replicas share through the Secret `task-gateway-ca`. Makes
 * the first one, and a successor when the newest is due; the first writer wins. `known` is what this replica has used so
 * far: if the Secret was deleted it is put back, so that running Jobs keep trusting the gateway.
 */
export async function loadAuthorities(ports: Ports, known: readonly KeyPair[] = []): Promise<readonly KeyPair[]> {
  const now = ports.clock.now()
  for (let race = 0; race < MAX_RACES; race++) {
    const secret = await read(ports)
    const stored = secret === undefined ? unexpired(known, now) : unexpired(decode(secret), now)
    const complete = !needsSuccessor(stored, now)
    if (secret !== undefined && complete) return stored
    const wanted = complete ? stored : [...stored, await createAuthority(now, AUTHORITY_LIFE_MS)]
    if (await store(ports, secret, wanted)) return wanted
  }
  throw new Error(`Secret ${NAME} keeps being changed by others`)
}

async function read({ api, namespace }: Ports): Promise<Secret | undefined> {
  try {
    return await api.get(Secrets, { namespace, name: NAME })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** Whether it was this replica that stored them. */
async function store(
  { api, namespace }: Ports,
  secret: Secret | undefined,
  authorities: readonly KeyPair[],
): Promise<boolean> {
  try {
    if (secret === undefined) await api.create(Secrets, manifest(namespace, authorities))
    else await api.patch(Secrets, keyOf(secret), { operations: replacement(secret, authorities) })
    return true
  } catch (error) {
    if (isAlreadyExists(error) || isConflict(error) || isNotFound(error)) return false
    throw error
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Each authority under its number, the oldest first: `0.crt`, `0.key`, `1.crt`, ... */
const encode = (authorities: readonly KeyPair[]): Record<string, string> =>
  Object.fromEntries(
    authorities.flatMap(({ certificate, key }, i) => [
      [`${i}.crt`, base64(certificate)],
      [`${i}.key`, base64(key)],
    ]),
  )

function decode({ data = {} }: Secret): KeyPair[] {
  const text = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString('utf8')
  const numbers = Object.keys(data).flatMap((name) => /^(\d+)\.crt$/.exec(name)?.[1] ?? [])
  try {
    return numbers.map((number) => readKeyPair(text(`${number}.crt`), text(`${number}.key`)))
  } catch (cause) {
    throw new Error(`Secret ${NAME} holds something else than certificates: delete it, and it is made anew`, { cause })
  }
}

const manifest = (namespace: string, authorities: readonly KeyPair[]): Manifest<Secret> => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name: NAME, labels: { [label.managedBy]: MANAGER } },
  type: 'customcredentials.dev/certificate-authorities',
  data: encode(authorities),
})

const replacement = ({ metadata }: Secret, authorities: readonly KeyPair[]): PatchOperation[] => [
  { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  { op: 'add', path: '/data', value: encode(authorities) },
]
