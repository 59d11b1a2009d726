import { finalizer } from '../../src/api/labels.ts'
import type { KubeObject } from '../../src/api/meta.ts'
import { CustomCredentials, Jobs, OrphanedCredentials, SecretTasks } from '../../src/api/resources.ts'
import { Aliases } from './aliases.ts'
import type { ApiServer } from './api-server/api-server.ts'
import { changesOf } from './object-changes.ts'
import type { Fact } from './observe/facts.ts'
import { isOpen } from './invariants/reading.ts'
import type { Plan } from './plan.ts'
import { run, type Verdict } from './run.ts'
import { START, type World } from './world.ts'

const QUIET = new Set(['leases', 'events'])

type Tellers = { readonly [K in Fact['kind']]: (fact: Extract<Fact, { kind: K }>) => string | undefined }

const tellers: Tellers = {
  object: ({ by, type, resource, object, previous }) => {
    if (QUIET.has(resource.plural)) return undefined
    const about = type === 'deleted' ? [] : changesOf(previous, object)
    const path = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
    return `${by}: ${type} ${resource.plural} ${path}${about.length > 0 ? ` (${about.join(', ')})` : ''}`
  },
  upstream: ({ by, type, credentialsId }) => `${by}: ${type} ${credentialsId} UPSTREAM`,
  container: ({ taskId, type }) => `container of ${taskId} ${type}`,
  answered: ({ code, body, taskId }) => `gateway answers ${code} to ${taskId}${code < 400 ? '' : `: ${body ?? ''}`}`,
  shown: ({ code, id, taskId }) => `gateway answers ${code} to ${taskId}, which asks for the Secret ${id}`,
  sent: ({ by, call, namespace = '', name }) =>
    QUIET.has(call.split(' ')[1] ?? '') ? undefined : `${by} sends ${call} ${namespace}/${name}`,
  written: () => undefined,
  known: () => undefined,
  refused: ({ by, call, why, done }) =>
    QUIET.has(call.split(' ')[2] ?? '') ? undefined : `${by} hears ${why} to ${call}${done ? ', which was done' : ''}`,
  login: ({ secret, credentialsId, ok }) => (ok ? undefined : `LOGIN REFUSED: ${credentialsId} of ${secret}`),
  hostile: ({ act }) => `A PERSON: ${act}`,
  failed: ({ by, why }) => `${by} has ended by itself: ${why}`,
  fault: ({ fault, place }) => `FAULT: ${fault}, at ${place}`,
  text: ({ by, text }) => {
    const [, level = '', message = '', fields = ''] = /^(\w+) ([^{]*) (\{.*)$/s.exec(text) ?? []
    return ['warn', 'error'].includes(level) ? `${by} logs: ${message}: ${errorIn(fields)}` : undefined
  },
}

function errorIn(fields: string): string {
  const { key = '', err: [error = ''] = [] } = JSON.parse(fields) as { key?: string; err?: readonly string[] }
  return [key, error].filter(Boolean).join(': ')
}

/** What a fact says, in one line; undefined where it is of no interest. */
export const lineOf = (fact: Fact): string | undefined =>
  (tellers[fact.kind] as (fact: Fact) => string | undefined)(fact)

/** What has not come to its end, and what holds it: a rule may be broken by what does not happen. */
function standing(server: ApiServer): string[] {
  const isHeld = ({ metadata }: KubeObject) => metadata.finalizers?.includes(finalizer.jobRelease) === true
  const kinds: [string, readonly KubeObject[]][] = [
    ['CustomCredential', server.list(CustomCredentials).items],
    ['OrphanedCredential', server.list(OrphanedCredentials).items],
    ['open SecretTask', server.list(SecretTasks).items.filter(({ status }) => isOpen(status.state))],
    ['held Job', server.list(Jobs).items.filter(isHeld)],
  ]
  return kinds.flatMap(([kind, objects]) =>
    objects.map((object) => {
      const { namespace = '', name, deletionTimestamp, finalizers = [] } = object.metadata
      const going =
        deletionTimestamp === undefined ? '' : `, terminating, held by ${finalizers.join(', ') || 'nothing'}`
      return `there is ${kind} ${namespace}/${name} (${changesOf(undefined, object).join(', ')}${going})`
    }),
  )
}

/** Runs a plan and tells what happened in it, line by line, up to the rule that was broken. */
export async function tellStory(plan: Plan, print: (line: string) => void): Promise<Verdict> {
  const aliases = new Aliases()
  let server: ApiServer | undefined
  const onFact = (fact: Fact, world: World) => {
    aliases.learn(fact)
    server = world.server
    const seconds = ((world.scheduler.now() - START) / 1000).toFixed(3).padStart(10)
    const line = lineOf(fact)
    if (line !== undefined) print(`${seconds}  ${aliases.in(line)}`)
  }
  const verdict = await run(plan, { onFact })
  print('')
  for (const line of aliases.legend()) print(`  ${line}`)
  if (verdict.violation) {
    const { rule, says, what } = verdict.violation
    for (const line of server === undefined ? [] : standing(server)) print(`  ${aliases.in(line)}`)
    print(`\n${rule} is broken: ${aliases.in(what)}\n  ${says}`)
  } else {
    print('\nno rule is broken')
  }
  return verdict
}
