import type { Resource } from '../../../../src/api/meta.ts'
import type { Json } from '../sequence.ts'

/** How the generator speaks of a kind. Bodies lack their metadata; patches are merge patches. */
export interface Kind {
  readonly resource: Resource
  /** Names of objects; those of cluster-scoped kinds hold `<place>`. */
  readonly names: readonly string[]
  /** Of the object that marks the end of a watch stream. */
  readonly marker: string
  readonly bodies: readonly Json[]
  /** What the server refuses to store, in a new object or in an existing one. */
  readonly refused: readonly Json[]
  readonly changes: readonly Json[]
  /** Changes of what can not change. */
  readonly immutable: readonly Json[]
  /** Of the subresource; some are refused, by themselves or for what the status was before. */
  readonly statuses: readonly Json[]
  /** A field of the status that takes any text. */
  readonly remark?: string
  readonly fieldSelectors: readonly string[]
}
