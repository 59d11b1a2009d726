import type { CustomCredential, Restart, RestartKind } from '../../api/generated.ts'
import { restartedBy, restartedFor } from '../../api/labels.ts'
import type { Resource } from '../../api/meta.ts'
import { DaemonSets, Deployments, Rollouts, StatefulSets, type Workload } from '../../api/resources.ts'
import { cut } from '../../api/text.ts'
import { ApiError, isConflict } from '../../kube/errors.ts'
import type { KubeApi, PatchOperation } from '../../kube/port.ts'
import type { Ports } from './ports.ts'
import { of } from '../delivery/restart.ts'
import { deliveryBackoff, TRIED_AGAIN } from '../schedule.ts'
import type { RestartTrouble, Snapshot, Trouble } from '../snapshot.ts'

export const RESOURCES: Readonly<Record<RestartKind, Resource<Workload>>> = {
  Deployment: Deployments,
  StatefulSet: StatefulSets,
  DaemonSet: DaemonSets,
  Rollout: Rollouts,
}

/** A workload's status is written again and again while it is rolled out, for another's sake perhaps. */
const READS = 3

/**
 * Has a workload's pods replaced, once for each version. Returns what is known of troubles from now on, where that changes:
 * what keeps one target from following holds up nothing else, be it a refusal or an answer that never came.
 */
export async function restart({ api }: Pick<Ports, 'api'>, s: Snapshot, wanted: Restart): Promise<Trouble | undefined> {
  try {
    await rollOut(api, s.credential, wanted)
    return of(s.trouble.restarts, wanted) && withRestart(s, wanted, undefined)
  } catch (error) {
    // Not the API server's word, such as that this process leads no more.
    if (!(error instanceof ApiError)) throw error
    return withRestart(s, wanted, failureOf(error, wanted, s.credential.metadata.namespace ?? ''))
  }
}

async function rollOut(api: KubeApi, credential: CustomCredential, wanted: Restart): Promise<void> {
  const resource = RESOURCES[wanted.kind]
  const key = { namespace: credential.metadata.namespace ?? '', name: wanted.name }
  for (let reads = 1; ; reads++) {
    const workload = await api.get(resource, key)
    const operations = rolloutPatch(workload, credential, wanted)
    if (operations === undefined) return
    try {
      await api.patch(resource, key, { operations })
      return
    } catch (error) {
      if (!isConflict(error) || reads === READS) throw error
    }
  }
}

/**
 * The pod template says for which version its pods were started: a write that is repeated changes nothing, and one that comes
 * late finds a later version there. Undefined where there is nothing to do.
 */
export function rolloutPatch(
  { metadata, spec }: Workload,
  { metadata: { name, uid } }: CustomCredential,
  { version }: Restart,
): PatchOperation[] | undefined {
  const { template, workloadRef } = spec ?? {}
  if (template === undefined) throw new ApiError('Invalid', withoutTemplate(workloadRef))
  const annotations = template.metadata?.annotations ?? {}
  if (annotations[restartedBy(name)] === uid && Number(annotations[restartedFor(name)]) >= version) return undefined
  const value = { ...annotations, [restartedFor(name)]: String(version), [restartedBy(name)]: uid }
  return [
    { op: 'replace', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    template.metadata === undefined
      ? { op: 'add', path: '/spec/template/metadata', value: { annotations: value } }
      : { op: 'add', path: '/spec/template/metadata/annotations', value },
  ]
}

const withoutTemplate = (ref: NonNullable<Workload['spec']>['workloadRef']): string =>
  ref === undefined
    ? 'it has no pod template'
    : `its pods are those of ${ref.kind ?? 'the workload'} "${ref.name ?? ''}", which is to be named in its place`

type Failure = Pick<RestartTrouble, 'reason' | 'message'>

const COMPONENT = 'deploy/components/restart-targets'

function failureOf(error: ApiError, { kind, name, version }: Restart, namespace: string): Failure {
  const what = `${kind} "${name}" is not rolled out for version ${version}:`
  const text = cut(error.message.replaceAll(/\s+/g, ' '), 512)
  switch (error.reason) {
    case 'NotFound': {
      const fix = `Create it, or take it out of spec.restartTargets. ${TRIED_AGAIN}`
      return { reason: 'RestartTargetNotFound', message: `${what} there is none in namespace "${namespace}". ${fix}` }
    }
    case 'Forbidden': {
      const fix = `Add the component ${COMPONENT} to the operator's installation, or remove the policy that refuses it. ${TRIED_AGAIN}`
      return { reason: 'RestartForbidden', message: `${what} the operator may not do it (${text}). ${fix}` }
    }
    default: {
      const fix = `${TRIED_AGAIN} If it stays so, correct the workload, or take it out of spec.restartTargets.`
      return { reason: 'RestartRefused', message: `${what} ${text}. ${fix}` }
    }
  }
}

/** What is known of this target replaced, and what the spec names no more forgotten. */
function withRestart(s: Snapshot, { kind, name }: Restart, failure: Failure | undefined): Trouble {
  const { restarts = [], ...others } = s.trouble
  const tries = (of(restarts, { kind, name })?.tries ?? 0) + 1
  const kept = restarts.filter((one) => !(one.kind === kind && one.name === name))
  const named = kept.filter((one) => of(s.credential.spec.restartTargets, one) !== undefined)
  const now = failure ? [...named, { kind, name, ...failure, tries, retryAt: s.now + deliveryBackoff(tries) }] : named
  return { ...others, ...(now.length > 0 && { restarts: now }) }
}
