import type { PatchOperation } from '../../../src/kube/port.ts'
import type { Draw, Target } from './draw.ts'
import { bodyOf, ownerOf, selectorFor } from './bodies.ts'
import { KINDS } from './kinds/index.ts'
import { asOperations, metadataChange } from './patches.ts'
import type { Call, Json } from './sequence.ts'

/** A kind of operation: when it has a point, and how it is written. */
export interface Operation {
  readonly operation: string
  readonly weight: number
  readonly when?: (target: Target) => boolean
  readonly write: (draw: Draw, target: Target) => Call | undefined
}

const there = (target: Target) => target.there
const absent = (target: Target) => !target.there
const held = (target: Target) => target.there && target.finalizers.length > 0
const namespaced = ({ kind }: Target) => KINDS[kind].resource.namespaced

const address = ({ kind, name }: Target) => ({ kind, name })
const merging = (target: Target, merge: Json): Call => ({ call: 'patch', ...address(target), merge })
const patching = (target: Target, ...operations: PatchOperation[]): Call => ({
  call: 'patch',
  ...address(target),
  operations,
})
const creating = (draw: Draw, target: Target, body: Json): Call => ({
  call: 'create',
  kind: target.kind,
  body: bodyOf(draw, target, body),
})
const removing = (target: Target, how: Pick<Extract<Call, { call: 'remove' }>, 'uid'> & Json = {}): Call => ({
  call: 'remove',
  ...address(target),
  ...how,
})

const anyBody = (draw: Draw, { kind }: Target): Json => draw.one(KINDS[kind].bodies) ?? {}
const anyChange = (draw: Draw, { kind }: Target): Json =>
  draw.chance(0.5) ? (draw.one(KINDS[kind].changes) ?? {}) : metadataChange(draw)
const someOperations = (draw: Draw, target: Target): PatchOperation[] => asOperations(anyChange(draw, target))
/** What the server does not heed is not forgotten, but entered in `managedFields`: without a remark even that is a change. */
function withRemark(draw: Draw, target: Target, status: Json): Call {
  const { remark } = KINDS[target.kind]
  const heeded = { status: { ...status, ...(remark !== undefined && { [remark]: `step ${draw.steps.length + 1}` }) } }
  return merging(target, remark === undefined ? heeded : { ...anyChange(draw, target), ...heeded })
}
const HOLDS = ['customcredentials.dev/hold', 'example.com/other'] as const

export const OPERATIONS: readonly Operation[] = [
  { operation: 'create', weight: 14, when: absent, write: (d, t) => creating(d, t, anyBody(d, t)) },
  { operation: 'create what is there', weight: 3, when: there, write: (d, t) => creating(d, t, anyBody(d, t)) },
  {
    operation: 'create what is refused',
    weight: 4,
    write: (d, t) => creating(d, t, d.one(KINDS[t.kind].refused) ?? {}),
  },
  {
    operation: 'create on trial',
    weight: 2,
    write: (d, t) => ({ ...creating(d, t, anyBody(d, t)), dryRun: true }) as Call,
  },
  {
    operation: 'create where no namespace is',
    weight: 1,
    when: namespaced,
    write: (d, t) => {
      if (!namespaced(t)) return undefined
      const body = bodyOf(d, t, anyBody(d, t))
      const metadata = { ...(body['metadata'] as Json), namespace: '<place>-nowhere' }
      return { call: 'create', kind: t.kind, body: { ...body, metadata } }
    },
  },
  { operation: 'get', weight: 4, write: (_, t) => ({ call: 'get', ...address(t) }) },
  {
    operation: 'list by labels',
    weight: 4,
    write: (d, { kind }) => ({ call: 'list', kind, labelSelector: selectorFor(d, kind) }),
  },
  {
    operation: 'list by fields',
    weight: 3,
    when: ({ kind }) => KINDS[kind].fieldSelectors.length > 0,
    write: (d, { kind }) => {
      const fieldSelector = d.one(KINDS[kind].fieldSelectors) ?? ''
      const labelSelector = 'in=<place>'
      return { call: 'list', kind, labelSelector, fieldSelector, ...(d.chance(0.3) && { metadataOnly: true }) }
    },
  },
  {
    operation: 'watch from a revision',
    weight: 3,
    write: (d, { kind }) => {
      const from = d.seen(d.one(d.targets) as Target)
      const labelSelector = `in=<place>,${d.one(['app in (x,end)', 'app!=y', '!tier'])}`
      return { call: 'watch', kind, labelSelector, resourceVersion: `<version ${from}>` }
    },
  },
  { operation: 'merge patch', weight: 8, when: there, write: (d, t) => merging(t, anyChange(d, t)) },
  { operation: 'JSON patch', weight: 6, when: there, write: (d, t) => patching(t, ...someOperations(d, t)) },
  {
    operation: 'JSON patch of a resourceVersion',
    weight: 8,
    when: there,
    write: (d, t) => {
      const seen: PatchOperation = { op: 'replace', path: '/metadata/resourceVersion', value: `<version ${d.seen(t)}>` }
      return patching(t, seen, ...someOperations(d, t))
    },
  },
  {
    operation: 'JSON patch with a test',
    weight: 6,
    when: there,
    write: (d, t) => {
      const test = d.one([
        { path: '/metadata/uid', value: `<uid ${d.seen(t)}>` },
        { path: '/metadata/labels/app', value: 'x' },
        { path: '/metadata/finalizers/0', value: HOLDS[0] },
        { path: '/metadata/resourceVersion', value: `<version ${d.seen(t)}>` },
      ])
      return patching(t, { op: 'test', ...test }, ...someOperations(d, t))
    },
  },
  {
    operation: 'patch on trial',
    weight: 2,
    when: there,
    write: (d, t) => ({ ...merging(t, anyChange(d, t)), dryRun: true }) as Call,
  },
  {
    operation: 'patch into what is refused',
    weight: 4,
    when: there,
    write: (d, t) => merging(t, d.one(KINDS[t.kind].refused) ?? {}),
  },
  {
    operation: 'patch of what can not change',
    weight: 4,
    when: there,
    write: (d, t) => {
      const own = d.chance(0.6) ? d.one(KINDS[t.kind].immutable) : undefined
      const note = { step: String(d.steps.length + 1) }
      return merging(t, own ?? { metadata: { ...d.one(SET_BY_SERVER), annotations: note } })
    },
  },
  {
    operation: 'status patch',
    weight: 10,
    when: ({ kind, there }) => there && KINDS[kind].statuses.length > 0,
    write: (d, t) => {
      const status = d.one(KINDS[t.kind].statuses)
      if (!status) return undefined
      const seen: PatchOperation = { op: 'replace', path: '/metadata/resourceVersion', value: `<version ${d.seen(t)}>` }
      const call = d.one([
        () => merging(t, { status }),
        () => patching(t, ...asOperations({ status })),
        () => patching(t, seen, { op: 'add', path: '/status', value: status }),
        () => withRemark(d, t, status),
      ])
      return { ...call(), subresource: 'status' } as Call
    },
  },
  {
    operation: 'add a finalizer',
    weight: 5,
    when: there,
    write: (d, t) =>
      patching(t, {
        op: 'add',
        path: '/metadata/finalizers',
        value: [...new Set([...t.finalizers, d.one(HOLDS)])],
      }),
  },
  {
    operation: 'remove a finalizer',
    weight: 8,
    when: held,
    write: (d, t) => {
      const path = '/metadata/finalizers/0'
      const value = d.chance(0.8) ? t.finalizers[0] : HOLDS[1]
      return patching(t, { op: 'test', path, value }, { op: 'remove', path })
    },
  },
  {
    operation: 'set owners',
    weight: 4,
    when: there,
    write: (d, t) => {
      const ownerReferences = d.chance(0.2) ? null : [ownerOf(d), ...(d.chance(0.3) ? [ownerOf(d)] : [])]
      return merging(t, { metadata: { ownerReferences } })
    },
  },
  {
    operation: 'patch while terminating',
    weight: 8,
    when: ({ terminating }) => terminating,
    write: (d, t) =>
      d.chance(0.3)
        ? patching(t, { op: 'add', path: '/metadata/finalizers/-', value: d.one(HOLDS) })
        : merging(t, anyChange(d, t)),
  },
  { operation: 'delete', weight: 5, when: there, write: (_, t) => removing(t) },
  {
    operation: 'delete with propagation',
    weight: 5,
    when: there,
    write: (d, t) => removing(t, { propagation: d.one(['Background', 'Foreground', 'Orphan']) }),
  },
  { operation: 'delete by UID', weight: 4, when: there, write: (d, t) => removing(t, { uid: `<uid ${d.seen(t)}>` }) },
  {
    operation: 'delete by resourceVersion',
    weight: 4,
    when: there,
    write: (d, t) =>
      removing(t, { resourceVersion: `<version ${d.seen(t)}>`, ...(d.chance(0.5) && { uid: `<uid ${d.seen(t)}>` }) }),
  },
]

const SET_BY_SERVER: readonly [Json, ...Json[]] = [
  { name: 'other' },
  { namespace: 'other' },
  { uid: '00000000-0000-0000-0000-000000000000' },
  { creationTimestamp: '2026-01-02T03:04:05Z' },
  { deletionTimestamp: '2026-01-02T03:04:05Z' },
  { deletionTimestamp: null },
  { generation: 9 },
]
