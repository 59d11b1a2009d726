import { parseDuration } from '../../../src/api/duration.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import type { Key } from '../../../src/api/meta.ts'
import { CustomCredentials, type Secret, Secrets } from '../../../src/api/resources.ts'
import { keyText } from '../../../src/kube/key.ts'
import type { Actor, ObjectChange } from '../observe/facts.ts'
import type { DeploymentController } from './deployment-controller.ts'
import type { Upstream } from './upstream.ts'
import type { World } from './world.ts'

interface Environment extends World {
  readonly upstream: Upstream
  readonly deployments: DeploymentController
  /** Whether the operator's clock goes right: else nobody knows when an overlap is over. */
  readonly clockIsRight: () => boolean
}

/** What a Secret once told its readers. */
interface Reading {
  readonly credentialsId: string
  /** Namespace and name of the credential. */
  readonly credential: Key
  readonly credentialUid: string
  readonly password: string
  /** Not written by the operator: nobody holds on to it. */
  readonly foreign: boolean
  /** When the Secret came to tell something else; Infinity for what it tells now. */
  replacedAt: number
  /** When the last consumer turned to what came after. */
  until: number
}

/** From the note that a version is delivered to the Secret: what is promised counts from the note. */
const WRITE_MS = 30_000

/**
 * Programs that read a target Secret and log in with what it says. Some read it anew for every login, some keep what they
 * have read for as long as the overlap allows: where that ends with restarts, until no pod runs that has started before the
 * Secret told what came after. They log in whenever the Secret changes, and whenever something was deleted
 * upstream, for nothing else can lock them out: so they cost no event of their own.
 */
export class Consumers {
  readonly #environment: Environment
  /** Of each target Secret what may still be in use, the newest last. */
  readonly #readings = new Map<string, Reading[]>()
  /** Of each workload when its oldest pod has started. */
  readonly #startedAt = new Map<string, number>()

  constructor(environment: Environment) {
    this.#environment = environment
    environment.server.subscribe((change) => {
      if (isTargetChange(change)) this.#read(change)
    })
    environment.deployments.onRolledOut((workload, startedAt) => {
      this.#startedAt.set(keyText(workload), startedAt)
      for (const reading of [...this.#readings.values()].flat())
        if (this.#isLeft(reading)) reading.until = Math.min(reading.until, environment.scheduler.now())
    })
    environment.upstream.onDeletion(() => {
      const now = environment.clockIsRight() ? environment.scheduler.now() : Infinity
      for (const [secret, readings] of this.#readings) {
        const kept = readings.filter(({ until }) => until >= now)
        this.#readings.set(secret, kept)
        for (const reading of kept) this.#logIn(secret, reading)
      }
    })
  }

  #read({ type, object, by }: TargetChange): void {
    const { namespace, name } = object.metadata
    const secret = `${namespace ?? ''}/${name}`
    if (type === 'deleted') {
      this.#readings.delete(secret)
      return
    }
    const readings = this.#readings.get(secret) ?? []
    const reading = readingOf(object, by)
    const last = readings.at(-1)
    if (last?.password === reading.password) return
    if (last) {
      last.replacedAt = this.#environment.scheduler.now()
      last.until = last.replacedAt + (last.foreign ? 0 : this.#overlapMs(reading))
    }
    this.#readings.set(secret, [...readings, reading])
    this.#logIn(secret, reading)
  }

  #logIn(secret: string, { credentialsId, credentialUid, password }: Reading): void {
    const { tell, upstream } = this.#environment
    tell({ kind: 'login', secret, credentialsId, credentialUid, ok: upstream.admits(password) })
  }

  /** How long consumers may stay behind the Secret. */
  #overlapMs({ credential }: Reading): number {
    const { minOverlap } = this.#environment.server.find(CustomCredentials, credential)?.spec.rotation ?? {}
    return minOverlap === undefined ? 0 : parseDuration(minOverlap) - WRITE_MS
  }

  /** The credential promises no more than the restart of its workloads, and all their pods have read what came after. */
  #isLeft({ credential, replacedAt }: Reading): boolean {
    const { rotation, restartTargets = [] } = this.#environment.server.find(CustomCredentials, credential)?.spec ?? {}
    return (
      rotation?.overlapEnds === 'AfterRestarts' &&
      restartTargets.every(({ name }) => (this.#startedAt.get(keyText({ ...credential, name })) ?? 0) >= replacedAt)
    )
  }
}

type TargetChange = ObjectChange & { readonly object: Secret }

function isTargetChange(change: ObjectChange): change is TargetChange {
  const { labels, annotations } = change.object.metadata
  return (
    change.resource.plural === Secrets.plural &&
    labels?.[label.custody] === undefined &&
    labels?.[label.credentialUid] !== undefined &&
    annotations?.[annotation.credentialsId] !== undefined
  )
}

const readingOf = ({ metadata, data }: Secret, by: Actor): Reading => ({
  credentialsId: metadata.annotations?.[annotation.credentialsId] ?? '',
  credential: { namespace: metadata.namespace ?? '', name: metadata.labels?.[label.credential] ?? '' },
  credentialUid: metadata.labels?.[label.credentialUid] ?? '',
  password: Buffer.from(data?.['password'] ?? '', 'base64').toString(),
  foreign: !by.startsWith('operator'),
  replacedAt: Infinity,
  until: Infinity,
})
