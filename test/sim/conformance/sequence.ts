import type { PatchOperation } from '../../../src/kube/port.ts'
import type { KindName } from './kinds/index.ts'

export type Json = { readonly [field: string]: unknown }

/** What is asked of the server. */
export type Call =
  | { readonly call: 'create'; readonly kind: KindName; readonly body: Json; readonly dryRun?: true }
  | { readonly call: 'get'; readonly kind: KindName; readonly name: string }
  | {
      readonly call: 'list'
      readonly kind: KindName
      readonly labelSelector?: string
      readonly fieldSelector?: string
      readonly metadataOnly?: true
    }
  | {
      readonly call: 'patch'
      readonly kind: KindName
      readonly name: string
      readonly operations?: readonly PatchOperation[]
      readonly merge?: Json
      readonly subresource?: 'status'
      readonly dryRun?: true
    }
  | {
      readonly call: 'remove'
      readonly kind: KindName
      readonly name: string
      readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
      readonly uid?: string
      readonly resourceVersion?: string
    }
  | {
      readonly call: 'watch'
      readonly kind: KindName
      readonly labelSelector: string
      readonly resourceVersion: string
    }

/**
 * One step of a sequence. Its strings may name what only the run will tell: `<place>`, the namespace of the sequence;
 * `<uid 3>` and `<version 3>`, what the object that step 3 answered with bore. A step without such an answer stands for
 * the namespace itself.
 */
export type Step = { readonly id: number; readonly operation: string } & Call

export type Sequence = readonly Step[]

/** The step with its names filled in. */
export function filled(step: Step, place: string, known: (what: 'uid' | 'version', step: number) => string): Step {
  const text = JSON.stringify(step)
    .replaceAll('<place>', place)
    .replaceAll(/<(uid|version) (\d+)>/g, (_, what: 'uid' | 'version', id: string) => known(what, Number(id)))
  return JSON.parse(text) as Step
}
