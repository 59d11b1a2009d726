import { GROUP } from '../../../src/api/labels.ts'
import type { KubeObject, Resource } from '../../../src/api/meta.ts'
import type { ListOptions, WatchEvent } from '../../../src/kube/port.ts'
import type { ObjectChange } from '../observe/facts.ts'
import { isRecord, without } from './json.ts'

/** Which objects a list or watch is about, and how much of them it shows. */
export type Selection = Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'metadataOnly'>

/** One requirement of a selector on the value of a label or field; undefined: it is absent. */
interface Requirement {
  readonly key: string
  readonly admits: (value: string | undefined) => boolean
}

const values = (list: string): readonly string[] => list.split(',').map((value) => value.trim())

function requirement(text: string): Requirement {
  const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = ''] = set
    const allowed = values(list)
    return { key, admits: (v) => (v !== undefined && allowed.includes(v)) === (operator === 'in') }
  }
  const equality = /^([^!=\s]+)\s*(!=|==?)\s*(.*)$/.exec(text)
  if (equality) {
    const [, key = '', operator, value] = equality
    return { key, admits: (v) => (v === value) === (operator !== '!=') }
  }
  if (text.startsWith('!')) return { key: text.slice(1).trim(), admits: (v) => v === undefined }
  return { key: text, admits: (v) => v !== undefined }
}

const parsed = new Map<string, readonly Requirement[]>()

function requirements(selector: string | undefined): readonly Requirement[] {
  if (!selector) return []
  const known = parsed.get(selector)
  if (known) return known
  // A comma within parentheses separates values, not requirements.
  const found = selector.split(/,(?![^(]*\))/).map((text) => requirement(text.trim()))
  parsed.set(selector, found)
  return found
}

/** Selectable fields are strings; one that is absent is empty. */
function field(object: KubeObject, path: string): string {
  const value = path.split('.').reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), object)
  return typeof value === 'string' ? value : ''
}

export function selects(selection: Selection, object: KubeObject): boolean {
  const { namespace, labels } = object.metadata
  return (
    (!selection.namespace || selection.namespace === namespace) &&
    requirements(selection.labelSelector).every(({ key, admits }) => admits(labels?.[key])) &&
    requirements(selection.fieldSelector).every(({ key, admits }) => admits(field(object, key)))
  )
}

/** The object as a selection shows it. */
export const shown = (selection: Selection, object: KubeObject): KubeObject =>
  selection.metadataOnly
    ? { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: object.metadata }
    : object

const nameless = new WeakMap<KubeObject, KubeObject>()

/** The object as an item of a list: those of built-in kinds do not say what they are. */
export function listed({ group }: Resource, object: KubeObject): KubeObject {
  if (group === GROUP || object.kind === 'PartialObjectMetadata') return object
  const known = nameless.get(object)
  if (known) return known
  const item = without(without(object, 'apiVersion'), 'kind')
  nameless.set(object, item)
  return item
}

/**
 * A watch's line for a change under a selection, or undefined where it shows nothing. An object that enters the selection
 * is ADDED; one that leaves it is DELETED, as it was when it was last selected, at the revision of its leaving.
 */
export function watchEvent(change: ObjectChange, selection: Selection): WatchEvent<KubeObject> | undefined {
  const { object, previous } = change
  const was = previous !== undefined && selects(selection, previous)
  const is = change.type !== 'deleted' && selects(selection, object)
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: shown(selection, object) }
  if (!was) return undefined
  const last = { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion } }
  return { type: 'DELETED', object: shown(selection, last) }
}
