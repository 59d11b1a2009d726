import { isDeepStrictEqual } from 'node:util'
import type { CustomCredential, SecretTask } from '../../../src/api/generated.ts'
import { finalizer } from '../../../src/api/labels.ts'
import type { Action } from '../../../src/custom-credential/actions.ts'
import { taskManifest } from '../../../src/custom-credential/effects/create-task.ts'
import { decide } from '../../../src/custom-credential/decide.ts'
import { runOf } from '../../../src/secret-task/run-facts.ts'
import { credentialOf, findable } from '../../../src/custom-credential/creation/orders.ts'
import { orphanManifest } from '../../../src/orphaned-credential/record.ts'
import type { Snapshot, Trouble } from '../../../src/custom-credential/snapshot.ts'
import { aProvider, run } from '../builders.ts'
import { aSnapshot, terminatingNamespace } from '../builders-snapshot.ts'
import { aKit } from '../builders-tasks.ts'
import type { World } from './world.ts'

/** A write was refused, or the process died: what was decided goes no further. */
class Stopped extends Error {}

interface Fault {
  /** Before the effect of this number, counted from 0. */
  readonly before: number
  /** Absent: the process dies. */
  readonly meanwhile?: () => void
}

/** The operator decides about the credential and acts. Returns when it wants to look again, and whether anything changed. */
export function reconcile(world: World, fault?: Fault): { readonly changed: boolean; readonly wakeAt: number } {
  const { credential } = world
  if (credential === undefined) return { changed: false, wakeAt: Infinity }
  const s = snapshotOf(world, credential)
  const decision = decide(s)
  const perform = (action: Action) => () => {
    effects[action.kind](world, s, action as never)
  }
  const steps = [
    ...decision.prepare.map(perform),
    () => {
      writeStatus(world, s, decision.status)
    },
    ...decision.release.map(perform),
  ]
  const before = JSON.stringify(s)
  carryOut(world, steps, fault, () => {
    const delivered = decision.prepare.some(({ kind }) => kind === 'deliver')
    return s.trouble.delivery && !delivered ? { delivery: s.trouble.delivery } : {}
  })
  const after = world.credential && JSON.stringify(snapshotOf(world, world.credential))
  return { changed: after !== before, wakeAt: decision.wakeAt }
}

function carryOut(world: World, steps: readonly (() => void)[], fault: Fault | undefined, left: () => Trouble): void {
  try {
    for (const [index, step] of steps.entries()) {
      if (index === fault?.before) meet(world, fault)
      step()
    }
    world.trouble = left()
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  }
}

function meet(world: World, { meanwhile }: Fault): void {
  if (meanwhile !== undefined) {
    meanwhile()
    return
  }
  world.restart()
  throw new Stopped()
}

function snapshotOf(world: World, credential: CustomCredential): Snapshot {
  return aSnapshot().with({
    now: world.now,
    credential,
    provider: aProvider({ capabilities: world.options.find ? ['find'] : [] }),
    ...(world.terminating && { namespace: terminatingNamespace }),
    tasks: [...world.tasks],
    runs: world.jobs.flatMap((job) =>
      runOf(job, world.podsOf(job), { now: world.now, lostPod: false, leftMs: Infinity }),
    ),
    custody: [...world.custody],
    orphans: [...world.orphans],
    target: world.target,
    trouble: world.trouble,
  }).snapshot
}

function writeStatus(world: World, s: Snapshot, status: CustomCredential['status']): void {
  if (world.credential !== s.credential) throw new Stopped()
  if (!isDeepStrictEqual(plain(s.credential.status), plain(status))) {
    world.credential = { ...s.credential, status: plain(status) }
  }
}

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

type Effects = {
  readonly [K in Action['kind']]: (world: World, s: Snapshot, action: Extract<Action, { kind: K }>) => void
}

const effects: Effects = {
  addFinalizer: (world) => {
    world.editMetadata({ finalizers: [finalizer.revocation] })
  },
  removeFinalizer: (world) => {
    world.credential = undefined
  },
  storeKit: (world) => {
    if (!world.custody.some(({ name }) => name === aKit().name)) world.custody.push(aKit())
  },
  copyInput: () => undefined,
  createTask,
  adopt: () => undefined,
  deleteTask: (world, s, { name }) => {
    const there = world.tasks.find(({ metadata }) => metadata.name === name)
    // On condition that the task is as it was seen: one that has been claimed in between is not called off.
    if (there !== undefined && !s.tasks.includes(there)) throw new Stopped()
    if (there !== undefined) world.removeTask(there)
  },
  deliver: (world, _, { version: { version, taskId } }) => {
    if (!world.custody.some(({ name }) => name === taskId)) throw new Error(`version ${version} has no payload`)
    if (world.blocked) {
      world.trouble = {
        delivery: { reason: 'TargetConflict', message: 'taken', tries: 1, retryAt: world.now + 10_000 },
      }
      throw new Stopped()
    }
    world.target = { uid: 'target-uid', version, rendition: undefined }
  },
  restart: () => undefined,
  lookAtRollout: () => undefined,
  removeTarget: (world) => {
    world.target = undefined
  },
  leaveTarget: (world) => {
    world.target = undefined
  },
  removeFormer: () => undefined,
  keepTarget: (world) => {
    world.target = undefined
  },
  removeFromCustody: (world, _, { name }) => {
    world.custody = world.custody.filter((secret) => secret.name !== name)
  },
  recordOrphan: (world, s, { owed }) => {
    const manifest = orphanManifest(credentialOf(s), { ...owed, find: findable(owed, s) })
    if (world.orphans.some(({ metadata }) => metadata.name === manifest.metadata.name)) return
    const metadata = { ...manifest.metadata, uid: world.uid(), resourceVersion: '1' }
    world.orphans.push({ ...manifest, metadata, status: { state: 'Owed', attempts: 0 } })
  },
  stopJob: (world, _, action) => {
    world.stopJob(action.run.uid)
  },
  releaseJob: (world, _, action) => {
    world.releaseJob(action.run.uid)
  },
}

function createTask(world: World, s: Snapshot, { order }: Extract<Action, { kind: 'createTask' }>): void {
  if (world.terminating) {
    world.trouble = { ...s.trouble, namespaceTerminating: true }
    throw new Stopped()
  }
  if (!world.custody.some(({ name }) => name === order.spec.kit)) throw new Error('a task without its kit')
  if (s.credential.metadata.deletionTimestamp === undefined && world.credential?.metadata.finalizers === undefined) {
    throw new Error('a task before the finalizer')
  }
  const manifest = taskManifest(order, order.run ?? run, 'team-a')
  const there = world.tasks.find(({ metadata }) => metadata.name === order.id)
  if (there === undefined) {
    const metadata = { ...manifest.metadata, uid: world.uid(), resourceVersion: '1' }
    world.tasks.push({ ...manifest, metadata, status: { state: 'queued' } } satisfies SecretTask)
  } else if (!isDeepStrictEqual(there.spec, manifest.spec)) {
    world.trouble = { ...s.trouble, takenTaskIds: [...(s.trouble.takenTaskIds ?? []), order.id] }
    throw new Stopped()
  }
}
