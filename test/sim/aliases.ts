import type { SecretTask } from '../../src/api/generated.ts'
import { SecretTasks } from '../../src/api/resources.ts'
import type { Fact } from './observe/facts.ts'

const TASK_ID = /sm-task-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/**
 * Names for tasks that a reader can tell apart: `orders-create-2` makes version 2, `orders-delete-1.3` is the third try at
 * deleting version 1. A task has its name from the moment at which it is ordered.
 */
export class Aliases {
  readonly #names = new Map<string, string>()

  learn(fact: Fact): void {
    if (fact.kind !== 'object' || fact.resource.plural !== SecretTasks.plural) return
    const { metadata, spec } = fact.object as SecretTask
    const verb = spec.type === 'create_credentials' ? 'create' : spec.credentialsId === undefined ? 'find' : 'delete'
    const attempt = spec.attempt === 1 ? '' : `.${spec.attempt}`
    this.#names.set(metadata.name, `${spec.credential.name}-${verb}-${spec.version}${attempt}`)
  }

  /** The line with names in place of IDs; of a task that nobody has seen yet, the ID's beginning. */
  in(line: string): string {
    return line.replaceAll(TASK_ID, (id) => this.#names.get(id) ?? id.slice(0, 'sm-task-'.length + 8))
  }

  /** A line for each name: what stands for which task. */
  legend(): string[] {
    return [...this.#names].map(([id, name]) => `${name} = ${id}`)
  }
}
