import { isDeepStrictEqual } from 'node:util'
import type { SecretTask } from '../../../src/api/generated.ts'
import { inputId } from '../../../src/api/input-id.ts'
import { type Secret, Secrets, SecretTasks } from '../../../src/api/resources.ts'
import type { Fact, SecretShown } from '../observe/facts.ts'
import type { Checker, Invariant } from '../observe/invariant.ts'
import type { State } from '../observe/state.ts'
import { changeOf, isOpen } from './reading.ts'
import { MINUTE } from './waits.ts'

/** What a Secret held, and from when to when. */
interface Held {
  readonly data: object
  readonly from: number
  until: number
}

/** What each Secret has held, by `namespace/name`. */
function contents() {
  const known = new Map<string, Held[]>()
  return {
    learn(fact: Fact, now: number): void {
      const change = changeOf(fact, Secrets)
      if (change === undefined) return
      const { namespace = '', name } = change.object.metadata
      const held = known.get(`${namespace}/${name}`) ?? []
      known.set(`${namespace}/${name}`, held)
      const last = held.at(-1)
      if (last?.until === Infinity) last.until = now
      if (change.type !== 'deleted') held.push({ data: textsOf(change.object), from: now, until: Infinity })
    },
    /** Whether it held this at some moment since. */
    since: (secret: string, data: object | undefined, from: number): boolean =>
      (known.get(secret) ?? []).some(({ until, data: held }) => until >= from && isDeepStrictEqual(held, data)),
    /** When it was seen last; Infinity where it is there. */
    goneAt: (secret: string): number => known.get(secret)?.at(-1)?.until ?? -Infinity,
  }
}

/** So long a copy takes to follow its Secret. */
const HEARSAY_MS = 5 * MINUTE

/** What a copy may be of, where its Secret went then: it could not follow while something was wrong. */
const followedFrom = (goneAt: number, troubledAt: number): number =>
  goneAt - HEARSAY_MS <= troubledAt ? -Infinity : goneAt - HEARSAY_MS

const textsOf = ({ data = {} }: Secret): object =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]))

/** Every Secret of a simulated world is shown as one of these. */
function shownIn({ body }: SecretShown): object | undefined {
  const { data, credentials_content: content } = JSON.parse(body) as { data?: object; credentials_content?: object }
  return data ?? content
}

/** By name: each task as it was last, and when it had come to its end. */
function tasks() {
  const known = new Map<string, { readonly task: SecretTask; readonly endedAt: number }>()
  return {
    learn(fact: Fact, now: number): void {
      const change = changeOf(fact, SecretTasks)
      if (change === undefined) return
      const { metadata, status } = change.object
      const isOver = change.type === 'deleted' || !isOpen(status.state)
      const before = known.get(metadata.name)
      const endedAt = isOver ? Math.min(before?.endedAt ?? Infinity, now) : Infinity
      known.set(metadata.name, { task: change.object, endedAt })
    },
    get: (name: string) => known.get(name),
  }
}

function onlyItsOwn(): Checker {
  const secrets = contents()
  const runs = tasks()
  return {
    on(fact: Fact, { now, troubledAt }: State) {
      secrets.learn(fact, now)
      runs.learn(fact, now)
      if (fact.kind !== 'shown' || fact.code !== 200) return undefined
      const run = runs.get(fact.taskId)
      const who = `the container of ${fact.taskId}`
      if (run === undefined || run.endedAt < fact.askedAt) return `${who} is shown a Secret though its task is over`
      const { type, credential, secretParameters = {} } = run.task.spec
      const named = Object.values(secretParameters).find(({ name }) => inputId(credential.uid, name) === fact.id)
      if (named === undefined) return `${who} is shown a Secret that its task does not name`
      const secret = `${credential.namespace}/${named.name}`
      const goneAt = secrets.goneAt(secret)
      const mayBeCopy = type === 'delete_credentials' && goneAt < Infinity
      const from = mayBeCopy ? followedFrom(goneAt, troubledAt) : fact.askedAt
      return secrets.since(secret, shownIn(fact), from) ? undefined : `${who} is shown what ${secret} did not hold then`
    },
  }
}

export const inputs: readonly Invariant[] = [
  {
    id: 'S18',
    says: 'A container is shown only the Secrets that its own task names, of that task’s namespace, while the task is at work: as they are then or, for a deletion, as they were when they went.',
    begin: onlyItsOwn,
  },
]
