import { setTimeout as sleep } from 'node:timers/promises'
import type { CustomCredential } from '../../src/api/generated.ts'
import { keyOf, type KubeObject, type Manifest } from '../../src/api/meta.ts'
import { CustomCredentials, Secrets, SecretTasks } from '../../src/api/resources.ts'
import { createTaskId } from '../../src/api/task-id.ts'
import { kitName } from '../../src/custody/kit.ts'
import { AuditLog } from '../cluster/index.ts'
import { tally, timed } from './figures.ts'
import { eachOf } from './load.ts'
import { type Memory, Operator } from './operator.ts'
import type { Specimen } from './specimen.ts'
import { OPERATOR, type Stage } from './stage.ts'

/** The operator at rest among so many credentials. */
export interface Footprint extends Memory {
  readonly credentials: number
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
  { credentials, restSeconds }: { readonly credentials: number; readonly restSeconds: number },
): Promise<Footprint> {
  const log = new AuditLog(stage.cluster.auditLogPath)
  const operator = await Operator.start(stage)
  await sleep(restSeconds * 1000)
  const memory = operator.memory()
  const complaints = operator.complaints().length
  await operator.stop()
  const { writes, refused } = tally(timed(log), OPERATOR)
  return { credentials, ...memory, startSeconds: operator.startSeconds, writes: writes + refused, complaints }
}

const SIDE_BY_SIDE = 32

/**
 * Makes credentials as an operator would have left them long ago: their first task ended, its Job removed by its TTL. They
 * are neighbours of the specimen, whose provider is theirs.
 */
export async function seed(stage: Stage, specimen: Specimen, names: readonly string[]): Promise<void> {
  await eachOf(names, SIDE_BY_SIDE, (name) => seedOne(stage, specimen, name))
}

async function seedOne({ admin, asOperator }: Stage, specimen: Specimen, name: string): Promise<void> {
  const { namespace, finalizers } = specimen.credential.metadata
  const metadata = { namespace, name, finalizers }
  const { spec } = specimen.credential
  const credential = await admin.create(CustomCredentials, { metadata, spec } as Manifest<CustomCredential>)
  const translate = translator(specimen, credential)
  const task = await asOperator.create(SecretTasks, translate(specimen.task))
  await Promise.all([
    asOperator.create(Secrets, translate(specimen.kit)),
    asOperator.create(Secrets, translate(specimen.version)),
    asOperator.create(Secrets, translate(specimen.target)),
    (async () => {
      // A task cannot end without having begun.
      await asOperator.patch(SecretTasks, keyOf(task), withStatus({ state: 'processing' }))
      await asOperator.patch(SecretTasks, keyOf(task), withStatus(specimen.task.status))
    })(),
    asOperator.patch(CustomCredentials, keyOf(credential), withStatus(translate(specimen.credential).status)),
  ])
}

const withStatus = (value: unknown) => ({
  subresource: 'status' as const,
  operations: [{ op: 'add', path: '/status', value } as const],
})

/** Name and UID of one credential in place of another's, and what is derived from them, wherever they stand. */
function translator({ credential, task }: Specimen, { metadata: { uid, name } }: CustomCredential) {
  const replacements = [
    [credential.metadata.uid, uid],
    [task.metadata.name, createTaskId(uid, task.spec)],
    [task.spec.kit, kitName(uid, task.spec)],
    [`"${credential.metadata.name}"`, `"${name}"`],
    // In a task's spec that an annotation carries as text.
    [`\\"${credential.metadata.name}\\"`, `\\"${name}\\"`],
  ] as const
  return <T extends KubeObject>(object: T): Manifest<T> & { readonly status?: unknown } => {
    const { namespace, name: itsName, labels, annotations } = object.metadata
    const text = JSON.stringify({ ...object, metadata: { namespace, name: itsName, labels, annotations } })
    return JSON.parse(replacements.reduce((all, [old, now]) => all.replaceAll(old, now), text)) as Manifest<T>
  }
}
