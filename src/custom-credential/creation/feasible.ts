import { parseDuration } from '../../api/duration.ts'
import type { CredentialSchema, CustomCredentialSpec } from '../../api/generated.ts'
import type { Problem, Resolution } from '../../credentials-provider/resolve.ts'
import { windowProblem } from './rotation.ts'
import { targetProblem } from '../delivery/target-problem.ts'

/**
 * What no admission rule can tell: that a window opens, that each version comes before the one before it ends, and that
 * its outputs make the Secret that is asked for.
 */
export function feasible(
  resolution: Resolution,
  spec: CustomCredentialSpec,
  outputs: readonly CredentialSchema[] | undefined,
): Resolution {
  if (!resolution.ok) return resolution
  const window = spec.rotation?.window && windowProblem(spec.rotation.window)
  if (window !== undefined) return refuse('WindowInvalid', window)
  const target = targetProblem(spec.target, outputs)
  if (target !== undefined) return refuse('TemplateInvalid', target)
  return isTooLate(spec, resolution.run.timeoutSeconds) ?? resolution
}

function isTooLate({ ttl, rotation }: CustomCredentialSpec, timeoutSeconds: number): Resolution | undefined {
  if (ttl === undefined || rotation?.interval === undefined) return undefined
  const { interval, jitter = '0s' } = rotation
  if (parseDuration(interval) + parseDuration(jitter) + timeoutSeconds * 1000 < parseDuration(ttl)) return undefined
  const why = `spec.rotation (interval ${interval}, jitter ${jitter}) and the provider's taskTimeout (${timeoutSeconds} s)`
  return refuse(
    'IntervalTooLong',
    `${why} together are not shorter than spec.ttl (${ttl}). Rotate earlier, or raise it.`,
  )
}

const refuse = (reason: Problem['reason'], message: string): Resolution => ({ ok: false, problem: { reason, message } })
