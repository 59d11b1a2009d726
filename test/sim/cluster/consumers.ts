import { parseDuration } from '../../../src/api/duration.ts'
import { annotation, label } from '../../../src/api/labels.ts'
import { CustomCredentials, type Secret, Secrets } from '../../../src/api/resources.ts'
import type { Actor, ObjectChange } from '../observe/facts.ts'
import { find } from './server.ts'
import type { Upstream } from './upstream.ts'
import type { World } from './world.ts'

interface Environment extends World {
  readonly upstream: Upstream
  /** Whether the operator's clock goes right: else nobody knows when an overlap is over. */
  readonly clockIsRight: () => boolean
}

/** What a Secret once told its readers. */
interface Reading {
  readonly credentialsId: string
  readonly credentialUid: string
  readonly password: string
  /** Not written by the operator: nobody holds on to it. */
  readonly foreign: boolean
  /** When the last consumer turned to what came after; Infinity for what the Secret tells now. */
  until: number
}

/** From the note that a version is delivered to the Secret: what is promised counts from the note. */
const WRITE_MS = 30_000

/**
 * Programs that read a target Secret and log in with what it says. Some read it anew for every login, some keep what they
 * have read for as long as the overlap allows. They log in whenever the Secret changes, and whenever something was deleted
 * upstream, for nothing else can lock them out: so they cost no event of their own.
 */
export class Consumers {
  readonly #environment: Environment
  /** Of each target Secret what may still be in use, the newest last. */
  readonly #readings = new Map<string, Reading[]>()

  constructor(environment: Environment) {
    this.#environment = environment
    environment.server.subscribe((change) => {
      if (isTargetChange(change)) this.#read(change)
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
    if (last) last.until = this.#environment.scheduler.now() + (last.foreign ? 0 : this.#overlapMs(object))
    this.#readings.set(secret, [...readings, reading])
    this.#logIn(secret, reading)
  }

  #logIn(secret: string, { credentialsId, credentialUid, password }: Reading): void {
    const { tell, upstream } = this.#environment
    tell({ kind: 'login', secret, credentialsId, credentialUid, ok: upstream.admits(password) })
  }

  /** How long consumers may stay behind the Secret. */
  #overlapMs({ metadata: { namespace = '', labels } }: Secret): number {
    const key = { namespace, name: labels?.[label.credential] ?? '' }
    const { minOverlap } = find(this.#environment.server, CustomCredentials, key)?.spec.rotation ?? {}
    return minOverlap === undefined ? 0 : parseDuration(minOverlap) - WRITE_MS
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
  credentialUid: metadata.labels?.[label.credentialUid] ?? '',
  password: Buffer.from(data?.['password'] ?? '', 'base64').toString(),
  foreign: !by.startsWith('operator'),
  until: Infinity,
})
