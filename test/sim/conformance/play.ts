import type { Key, KubeObject, Manifest } from '../../../src/api/meta.ts'
import { Namespaces } from '../../../src/api/resources.ts'
import { ApiError, isNamespaceTerminating } from '../../../src/kube/errors.ts'
import { KINDS, type KindName } from './kinds/index.ts'
import { normalForm } from './normal-form.ts'
import type { Patch, Port } from './port.ts'
import { filled, type Json, type Sequence, type Step } from './sequence.ts'

export type Events = readonly (readonly [type: string, object: unknown])[]

/** What came of one request. `refused`: HTTP code and reason. */
export type Answer =
  | { readonly refused: string }
  | { readonly object: unknown }
  | { readonly items: readonly unknown[] }
  | { readonly events: Events }
  | { readonly done: true }

/** All that a server said: to each step, and to who watched a kind from beginning to end. */
export interface Transcript {
  readonly answers: readonly Answer[]
  readonly streams: Readonly<Partial<Record<KindName, Events>>>
}

/** Plays a sequence in a namespace of its own, which must be new to the server; the transcript is in normal form. */
export async function play(port: Port, sequence: Sequence, place: string): Promise<Transcript> {
  const home = await port.create(Namespaces, { metadata: { name: place, labels: { in: place } } }, false)
  const game = new Game(port, place, home)
  const kinds = [...new Set(sequence.map(({ kind }) => kind))]
  for (const kind of kinds) await game.mark(kind)
  const answers: Answer[] = []
  for (const step of sequence) answers.push(await game.answer(step))
  const streams: Partial<Record<KindName, Events>> = {}
  for (const kind of kinds) streams[kind] = await game.watch(kind, 'in=<place>', home.metadata.resourceVersion)
  return normalForm({ answers, streams }, place)
}

class Game {
  readonly #port: Port
  readonly #place: string
  readonly #home: KubeObject
  /** What steps have answered with. */
  readonly #known = new Map<number, KubeObject>()
  #marks = 0

  constructor(port: Port, place: string, home: KubeObject) {
    this.#port = port
    this.#place = place
    this.#home = home
  }

  /** Makes the object whose change ends a watch. It is there from the beginning: later nothing may be created any more. */
  async mark(kind: KindName): Promise<void> {
    const { resource, bodies } = KINDS[kind]
    const metadata = { ...this.#key(kind, KINDS[kind].marker), labels: { in: this.#place, app: 'end', mark: '0' } }
    await this.#port.create(resource, { ...bodies[0], metadata }, false)
  }

  async answer(step: Step): Promise<Answer> {
    try {
      return await this.#ask(filled(step, this.#place, (what, id) => this.#told(what, id)))
    } catch (error) {
      if (!(error instanceof ApiError) || error.code === 0) throw error
      const because = isNamespaceTerminating(error) ? ' NamespaceTerminating' : ''
      return { refused: `${error.code} ${error.reason}${because}` }
    }
  }

  async watch(kind: KindName, selector: string, after: string): Promise<Events> {
    const { resource, marker } = KINDS[kind]
    const mark = String(++this.#marks)
    const key = this.#key(kind, marker)
    await this.#port.patch(resource, key, { merge: { metadata: { labels: { mark } } } }, false)
    const selection = {
      labelSelector: selector.replaceAll('<place>', this.#place),
      ...(key.namespace !== undefined && { namespace: key.namespace }),
    }
    const ends = ({ metadata }: KubeObject) => metadata.name === key.name && metadata.labels?.['mark'] === mark
    const events = await this.#port.watch(resource, selection, { after, ends })
    return events
      .filter(({ object }) => object.metadata.name !== key.name)
      .map(({ type, object }) => [type, object] as const)
  }

  async #ask(step: Step): Promise<Answer> {
    const { resource } = KINDS[step.kind]
    switch (step.call) {
      case 'create':
        return this.#shown(step, await this.#port.create(resource, step.body as Manifest & Json, step.dryRun ?? false))
      case 'get':
        return this.#shown(step, await this.#port.get(resource, this.#key(step.kind, step.name)))
      case 'list': {
        const { namespace } = this.#key(step.kind, '')
        return { items: await this.#port.list(resource, { ...step, ...(namespace !== undefined && { namespace }) }) }
      }
      case 'patch':
        return this.#shown(
          step,
          await this.#port.patch(resource, this.#key(step.kind, step.name), step as Patch, step.dryRun ?? false),
        )
      case 'remove':
        await this.#port.remove(resource, this.#key(step.kind, step.name), step)
        return { done: true }
      case 'watch':
        return { events: await this.watch(step.kind, step.labelSelector, step.resourceVersion) }
    }
  }

  #shown(step: Step, object: KubeObject): Answer {
    this.#known.set(step.id, object)
    return { object }
  }

  #told(what: 'uid' | 'version', id: number): string {
    const { uid, resourceVersion } = (this.#known.get(id) ?? this.#home).metadata
    return what === 'uid' ? uid : resourceVersion
  }

  #key(kind: KindName, name: string): Key {
    const filledName = name.replaceAll('<place>', this.#place)
    return { name: filledName, ...(KINDS[kind].resource.namespaced && { namespace: this.#place }) }
  }
}
