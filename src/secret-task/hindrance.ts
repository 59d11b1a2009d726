import type { SecretTask } from '../api/generated.ts'
import type { Job, Pod } from '../api/resources.ts'

/** What keeps a run from getting going: in a word, and with all that the cluster says of it. */
export interface Hindrance {
  readonly code: string
  readonly text: string
}

interface Seen {
  readonly job: Job | undefined
  readonly pods: readonly Pod[]
  readonly podRefusal: string | undefined
  readonly jobRefusal: string | undefined
}

/** What keeps the Job away, or its pod, or what its pod waits for. */
export function hindranceTo({ job, pods, podRefusal, jobRefusal }: Seen): Hindrance | undefined {
  if (job === undefined) return jobRefusal === undefined ? undefined : { code: 'JobRejected', text: jobRefusal }
  if (pods.length > 0) return pods.map(hindranceOf).find((one) => one !== undefined)
  return podRefusal ? { code: 'PodRefused', text: podRefusal } : undefined
}

/**
 * The Job of a cluster provider runs in its administrator's namespace, and what the cluster says of it names images, Secrets,
 * nodes and quotas of that: a tenant reads the word for it, and who knows more.
 */
export const told = ({ spec }: SecretTask, { code, text }: Hindrance): string =>
  isOfTheCluster(spec) ? `${code}. Its administrator sees more: kubectl describe ccprov ${spec.provider.name}` : text

export const isOfTheCluster = ({ provider }: Pick<SecretTask['spec'], 'provider'>): boolean =>
  provider.kind === 'ClusterCredentialsProvider'

/** What a container waits for in the ordinary course of things. */
const ORDINARY = new Set(['ContainerCreating', 'PodInitializing'])

/** What a pod waits for: the first container that waits for something, or the scheduler's word. */
function hindranceOf({ status }: Pod): Hindrance | undefined {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const waits = statuses.flatMap(({ name, state }) => {
    const { reason, message } = state?.waiting ?? {}
    return reason === undefined || ORDINARY.has(reason) ? [] : [hindrance(`container ${name}`, reason, message)]
  })
  const unscheduled = (status?.conditions ?? []).filter(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  )
  return [
    ...waits,
    ...unscheduled.map(({ reason, message }) => hindrance('pod', reason ?? 'not scheduled', message)),
  ][0]
}

const hindrance = (what: string, code: string, message: string | undefined): Hindrance => ({
  code,
  text: `${what}: ${message ? `${code}: ${message}` : code}`,
})
