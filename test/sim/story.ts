import type { Fact } from './observe/facts.ts'
import type { Plan } from './plan.ts'
import { run, type Verdict } from './run.ts'
import { START } from './world.ts'

const QUIET = new Set(['leases', 'events'])

/** What a fact says, in one line; undefined where it is of no interest. */
function lineOf(fact: Fact): string | undefined {
  switch (fact.kind) {
    case 'object': {
      if (QUIET.has(fact.resource.plural)) return undefined
      const { namespace = '', name } = fact.object.metadata
      const { state } = (fact.object as { status?: { state?: string } }).status ?? {}
      const ending = fact.object.metadata.deletionTimestamp === undefined ? '' : ', terminating'
      return `${fact.by}: ${fact.type} ${fact.resource.plural} ${namespace}/${name}${state === undefined ? '' : ` (${state})`}${ending}`
    }
    case 'upstream':
      return `${fact.by}: ${fact.type} ${fact.credentialsId} UPSTREAM`
    case 'container':
      return `container of ${fact.taskId} ${fact.type}`
    case 'answered':
      return `gateway answers ${fact.code} to ${fact.taskId}`
    case 'sent':
      return QUIET.has(fact.call.split(' ')[1] ?? '')
        ? undefined
        : `${fact.by} sends ${fact.call} ${fact.namespace ?? ''}/${fact.name}`
    case 'hostile':
      return `A PERSON: ${fact.act}`
    case 'text':
      return undefined
  }
}

/** Runs a plan and tells what happened in it, line by line, up to the rule that was broken. */
export async function tellStory(plan: Plan, print: (line: string) => void): Promise<Verdict> {
  let struck = 0
  const verdict = await run(plan, (fact, world) => {
    const seconds = ((world.scheduler.now() - START) / 1000).toFixed(3).padStart(10)
    for (const { fault, place, nth } of world.places.met.slice(struck)) {
      print(`${seconds}  FAULT: ${fault}, at ${place} #${nth}`)
    }
    struck = world.places.met.length
    const line = lineOf(fact)
    if (line !== undefined) print(`${seconds}  ${line}`)
  })
  if (verdict.violation) {
    const { rule, says, what } = verdict.violation
    print(`\n${rule} is broken: ${what}\n  ${says}`)
  } else {
    print('\nno rule is broken')
  }
  return verdict
}
