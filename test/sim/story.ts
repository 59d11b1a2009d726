import { Aliases } from './aliases.ts'
import { changesOf } from './object-changes.ts'
import type { Fact } from './observe/facts.ts'
import type { Plan } from './plan.ts'
import { run, type Verdict } from './run.ts'
import { START } from './world.ts'

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
  answered: ({ code, taskId }) => `gateway answers ${code} to ${taskId}`,
  sent: ({ by, call, namespace = '', name }) =>
    QUIET.has(call.split(' ')[1] ?? '') ? undefined : `${by} sends ${call} ${namespace}/${name}`,
  refused: ({ by, call, why, done }) =>
    QUIET.has(call.split(' ')[2] ?? '') ? undefined : `${by} hears ${why} to ${call}${done ? ', which was done' : ''}`,
  login: ({ secret, credentialsId, ok }) => (ok ? undefined : `LOGIN REFUSED: ${credentialsId} of ${secret}`),
  hostile: ({ act }) => `A PERSON: ${act}`,
  failed: ({ by, why }) => `${by} has ended by itself: ${why}`,
  fault: ({ fault, place }) => `FAULT: ${fault}, at ${place}`,
  text: () => undefined,
}

/** What a fact says, in one line; undefined where it is of no interest. */
export const lineOf = (fact: Fact): string | undefined =>
  (tellers[fact.kind] as (fact: Fact) => string | undefined)(fact)

/** Runs a plan and tells what happened in it, line by line, up to the rule that was broken. */
export async function tellStory(plan: Plan, print: (line: string) => void): Promise<Verdict> {
  const aliases = new Aliases()
  const verdict = await run(plan, (fact, world) => {
    aliases.learn(fact)
    const seconds = ((world.scheduler.now() - START) / 1000).toFixed(3).padStart(10)
    const line = lineOf(fact)
    if (line !== undefined) print(`${seconds}  ${aliases.in(line)}`)
  })
  print('')
  for (const line of aliases.legend()) print(`  ${line}`)
  if (verdict.violation) {
    const { rule, says, what } = verdict.violation
    print(`\n${rule} is broken: ${aliases.in(what)}\n  ${says}`)
  } else {
    print('\nno rule is broken')
  }
  return verdict
}
