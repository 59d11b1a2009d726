import type { Random } from '../../../src/runtime/clock.ts'
import { KINDS, type KindName } from './kinds/index.ts'
import type { Call, Json, Step } from './sequence.ts'

/** An object as the author of a sequence believes it to be; the server may know better, which is no harm. */
export interface Target {
  readonly kind: KindName
  readonly name: string
  there: boolean
  terminating: boolean
  finalizers: string[]
  /** Steps that answered with it. */
  readonly seen: number[]
}

/** Chance, and what was written so far. */
export class Draw {
  readonly targets: readonly Target[]
  readonly steps: Step[] = []
  readonly #random: Random

  constructor(random: Random, kinds: readonly KindName[]) {
    this.#random = random
    this.targets = kinds.flatMap((kind) => KINDS[kind].names.map((name) => newTarget(kind, name)))
  }

  chance(probability: number): boolean {
    return this.#random() < probability
  }

  /** From `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low + 1))
  }

  one<T>(choices: readonly [T, ...T[]]): T
  one<T>(choices: readonly T[]): T | undefined
  one<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)]
  }

  weighted<T extends { readonly weight: number }>(choices: readonly T[]): T | undefined {
    let left = this.#random() * choices.reduce((sum, { weight }) => sum + weight, 0)
    return choices.find(({ weight }) => (left -= weight) < 0)
  }

  /** A step that showed the object, the last one more often than not; 0, the namespace, where none did. */
  seen({ seen }: Target): number {
    return (this.chance(0.6) ? seen.at(-1) : this.one(seen)) ?? 0
  }

  /** Writes a step down, and believes in its success. */
  write(operation: string, call: Call, target: Target): void {
    const id = this.steps.length + 1
    this.steps.push({ id, operation, ...call })
    if ('dryRun' in call) return
    if (call.call === 'create' || call.call === 'get' || call.call === 'patch') target.seen.push(id)
    if (call.call === 'create') arrive(target, call.body)
    if (call.call === 'patch') follow(target, call)
    if (call.call === 'remove') leave(target, call.propagation)
  }
}

const newTarget = (kind: KindName, name: string): Target => ({
  kind,
  name,
  // The namespace of the sequence is there before its first step.
  there: name === '<place>',
  terminating: false,
  finalizers: [],
  seen: [],
})

function arrive(target: Target, { metadata }: Json): void {
  if (target.there) return
  target.there = true
  target.terminating = false
  target.finalizers = [...((metadata as { finalizers?: readonly string[] }).finalizers ?? [])]
}

function follow(target: Target, { operations = [] }: Extract<Call, { call: 'patch' }>): void {
  for (const operation of operations) {
    if (operation.path === '/metadata/finalizers' && operation.op === 'add')
      target.finalizers = operation.value as string[]
    if (operation.path === '/metadata/finalizers/0' && operation.op === 'remove') target.finalizers.shift()
  }
  if (target.terminating && target.finalizers.length === 0) target.there = target.terminating = false
}

function leave(target: Target, propagation: 'Background' | 'Foreground' | 'Orphan' | undefined): void {
  const collected = propagation === 'Orphan' ? ['orphan'] : propagation === 'Foreground' ? ['foregroundDeletion'] : []
  target.finalizers = [...target.finalizers, ...collected]
  target.terminating = target.there && (target.finalizers.length > 0 || target.kind === 'Namespace')
  target.there = target.terminating
}
