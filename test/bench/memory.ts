import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential } from '../../src/api/generated.ts'
import { keyOf, type KubeObject, type Manifest } from '../../src/api/meta.ts'
import { CustomCredentials, Secrets, SecretTasks } from '../../src/api/resources.ts'
import { createTaskId, deleteTaskId } from '../../src/api/task-id.ts'
import { kitName } from '../../src/custody/kit.ts'
import { unlessThere } from '../../src/kube/writes.ts'
import { AuditLog } from '../cluster/index.ts'
import { tally, timed } from './figures.ts'
import { eachOf } from './load.ts'
import { type Memory, Operator } from './operator.ts'
import type { Household } from './specimen.ts'
import { CUSTODY_NAMESPACE, OPERATOR, type Stage } from './stage.ts'

/** The operator at rest among so many credentials. */
export interface Footprint extends Memory {
  readonly credentials: number
  /** Whether they have been rotated until their histories were full, or never. */
  readonly rotated: boolean
  /** From the start of the process until it led with full caches. */
  readonly startSeconds: number
  /** Changes that it made although there was nothing to do; 0 is right. */
  readonly writes: number
  /** Lines of its log at `warn` and above. */
  readonly complaints: number
}

/** Starts an operator, lets it come to rest, and looks at it. */
export async function measureFootprint(
  stage: Stage,
  { restSeconds, ...among }: Pick<Footprint, 'credentials' | 'rotated'> & { readonly restSeconds: number },
): Promise<Footprint> {
  const log = new AuditLog(stage.cluster.auditLogPath)
  const operator = await Operator.start(stage)
  await sleep(restSeconds * 1000)
  const memory = operator.memory()
  const complaints = operator.complaints().length
  await operator.stop()
  const { writes, refused } = tally(timed(log), OPERATOR)
  return { ...among, ...memory, startSeconds: operator.startSeconds, writes: writes + refused, complaints }
}

const SIDE_BY_SIDE = 32

/**
 * Makes credentials as an operator would have left them long ago: their tasks ended, the Jobs removed by their TTL. They are
 * neighbours of the one whose household is theirs, and its provider is theirs, too.
 */
export async function seed(stage: Stage, household: Household, names: readonly string[]): Promise<void> {
  const { namespace, finalizers } = household.credential.metadata
  const { spec } = household.credential
  await eachOf(names, SIDE_BY_SIDE, async (name) => {
    const manifest = { metadata: { namespace, name, finalizers }, spec } as Manifest<CustomCredential>
    await furnish(stage, household, await stage.admin.create(CustomCredentials, manifest))
  })
}

/** Makes of credentials that were never rotated such as have been: in place of what they have, the household's. */
export async function wear(stage: Stage, household: Household, names: readonly string[]): Promise<void> {
  const { namespace = '' } = household.credential.metadata
  await eachOf(names, SIDE_BY_SIDE, async (name) => {
    const credential = await stage.admin.get(CustomCredentials, { namespace, name })
    const first = createTaskId(credential.metadata.uid, { version: 1, attempt: 1 })
    await stage.asOperator.remove(SecretTasks, { namespace, name: first })
    await stage.asOperator.remove(Secrets, { namespace: CUSTODY_NAMESPACE, name: first })
    await stage.asOperator.remove(Secrets, { namespace, name })
    await furnish(stage, household, credential)
  })
}

async function furnish({ asOperator }: Stage, household: Household, credential: CustomCredential): Promise<void> {
  const translate = translator(household, credential)
  for (const secret of household.secrets) await unlessThere(asOperator.create(Secrets, translate(secret)))
  for (const one of household.tasks) {
    const task = await asOperator.create(SecretTasks, translate(one))
    // A task cannot end without having begun.
    await asOperator.patch(SecretTasks, keyOf(task), withStatus({ state: 'processing' }))
    await asOperator.patch(SecretTasks, keyOf(task), withStatus(translate(one).status))
  }
  const { status } = translate(household.credential)
  await asOperator.patch(CustomCredentials, keyOf(credential), withStatus(status))
}

const withStatus = (value: unknown) => ({
  subresource: 'status' as const,
  operations: [{ op: 'add', path: '/status', value } as const],
})

const DAY_MS = 24 * 60 * 60 * 1000

/** Name and UID of one credential in place of another's, and what is derived from them, wherever they stand; other times. */
function translator(household: Household, { metadata: { uid, name } }: CustomCredential) {
  const { credential } = household
  const replacements = [
    [credential.metadata.uid, uid],
    ...taskIds(household, uid),
    ...household.tasks.map(({ spec }) => [spec.kit, kitName(uid, spec)] as const),
    ...household.tasks.map(({ status }) => [status.jobRef?.uid ?? '', randomUUID()] as const),
    [`"${credential.metadata.name}"`, `"${name}"`],
    // In a task's spec that an annotation carries as text.
    [`\\"${credential.metadata.name}\\"`, `\\"${name}\\"`],
  ] as const
  const earlierMs = Math.floor(Math.random() * DAY_MS)
  const redated = (time: string) => new Date(Date.parse(time) - earlierMs).toISOString()
  return <T extends KubeObject>(object: T): Manifest<T> & { readonly status?: unknown } => {
    const { namespace, name: itsName, labels, annotations } = object.metadata
    const text = JSON.stringify({ ...object, metadata: { namespace, name: itsName, labels, annotations } })
    const translated = replacements.reduce((all, [old, now]) => (old === '' ? all : all.replaceAll(old, now)), text)
    return JSON.parse(translated.replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z/g, redated)) as Manifest<T>
  }
}

/** The ID of each task, also of those whose records are gone, as another credential has it. */
function taskIds({ credential, tasks }: Household, uid: string): (readonly [string, string])[] {
  const made = credential.status.nextVersion?.number ?? 1
  const creations = Array.from({ length: made }, (_, n) => ({ version: n + 1, attempt: 1 })).map(
    (run) => [createTaskId(credential.metadata.uid, run), createTaskId(uid, run)] as const,
  )
  const deletions = tasks.flatMap(({ metadata, spec: { originTaskId, ...spec } }) => {
    const [, origin] = creations.find(([old]) => old === originTaskId) ?? []
    return origin === undefined ? [] : [[metadata.name, deleteTaskId(uid, { ...spec, originTaskId: origin })] as const]
  })
  return [...creations, ...deletions]
}
