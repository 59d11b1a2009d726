import { annotation, label } from '../../../src/api/labels.ts'
import { type Secret, Secrets } from '../../../src/api/resources.ts'
import { passwordOf } from '../cluster/upstream.ts'
import { changeOf } from '../invariants/reading.ts'
import type { Fact, Login } from '../observe/facts.ts'
import type { State } from '../observe/state.ts'

/** What a target Secret tells its readers. */
interface Reading extends Omit<Login, 'kind' | 'ok'> {
  readonly password: string
}

/**
 * Programs that read a target Secret anew for every login. They log in whenever it changes, and whenever something was
 * deleted upstream, for nothing else can lock them out. Each does so at the moment of the fact, by what exists then.
 */
export class Consumers {
  readonly #state: State
  readonly #readings = new Map<string, Reading>()

  constructor(state: State) {
    this.#state = state
  }

  /** The logins that a fact gives rise to. */
  after(fact: Fact): readonly Login[] {
    if (fact.kind === 'upstream' && fact.type === 'deleted') return [...this.#readings.values()].map(this.#logIn)
    const change = changeOf(fact, Secrets)
    if (change === undefined || !isTarget(change.object)) return []
    const reading = readingOf(change.object)
    if (change.type === 'deleted') {
      this.#readings.delete(reading.secret)
      return []
    }
    this.#readings.set(reading.secret, reading)
    return [this.#logIn(reading)]
  }

  readonly #logIn = ({ password, ...reading }: Reading): Login => ({
    kind: 'login',
    ...reading,
    ok: [...this.#state.live.keys()].some((credentialsId) => passwordOf(credentialsId) === password),
  })
}

function readingOf({ metadata: { namespace = '', name, annotations, labels }, data }: Secret): Reading {
  return {
    secret: `${namespace}/${name}`,
    credentialsId: annotations?.[annotation.credentialsId] ?? '',
    credentialUid: labels?.[label.credentialUid] ?? '',
    password: Buffer.from(data?.['password'] ?? '', 'base64').toString(),
  }
}

const isTarget = ({ metadata: { labels, annotations } }: Secret): boolean =>
  labels?.[label.custody] === undefined &&
  labels?.[label.credentialUid] !== undefined &&
  annotations?.[annotation.credentialsId] !== undefined
