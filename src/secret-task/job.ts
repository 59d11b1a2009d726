import type { SecretTask } from '../api/generated.ts'
import { inputId } from '../api/input-id.ts'
import { annotation, finalizer, GATEWAY_AUDIENCE, label, MANAGER } from '../api/labels.ts'
import type { Manifest } from '../api/meta.ts'
import type { Job } from '../api/resources.ts'

const MOUNT = '/var/run/customcredentials.dev'
const VOLUME = 'task-gateway'
const TASK_ID = 'SM_SECRET_TASK_ID'

/** What of a PodTemplateSpec the Job changes; everything else of the provider's template is carried over as it is. */
interface PodTemplate {
  readonly metadata?: { readonly labels?: Record<string, string>; readonly annotations?: Record<string, string> }
  readonly spec?: PodSpec
}
interface PodSpec {
  readonly containers?: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes?: readonly unknown[]
  readonly securityContext?: Record<string, unknown>
  readonly activeDeadlineSeconds?: number
  readonly [field: string]: unknown
}
interface Container {
  readonly name: string
  readonly env?: readonly { readonly name: string }[]
  readonly volumeMounts?: readonly unknown[]
  readonly securityContext?: Record<string, unknown>
  readonly [field: string]: unknown
}
interface EnvVar {
  readonly name: string
  readonly value: string
}

export interface GatewayAddress {
  readonly url: string
  /** The gateway's certificate authorities, PEM. Public, hence fit for an annotation. */
  readonly ca: string
}

export interface JobInput {
  readonly task: SecretTask
  readonly template: Readonly<Record<string, unknown>>
  readonly gateway: GatewayAddress
  /** A fence: a Job that holds the name but never runs. */
  readonly suspend?: boolean
}

/** After the Job's own deadline. Kept by the kubelet, hence also on a node that is cut off while its kubelet runs. */
const podDeadlineSeconds = (taskTimeoutSeconds: number): number => taskTimeoutSeconds + 120

/** How long a kubelet lets a pod of the Job work, the time that it gets to stop included; milliseconds. */
export function deadlineOfPodMs({ spec }: Job): number {
  const { activeDeadlineSeconds = 0, terminationGracePeriodSeconds = 30 } = spec?.template.spec ?? {}
  return (activeDeadlineSeconds + terminationGracePeriodSeconds) * 1000
}

/**
 * The name of the provider's container: it alone bears the ID of this task, whatever a webhook has put beside it or before it.
 * A Job's template does not change.
 */
export const containerOf = ({ metadata, spec }: Job): string | undefined =>
  spec?.template.spec?.containers.find(({ env = [] }) =>
    env.some(({ name, value }) => name === TASK_ID && value === metadata.name),
  )?.name

/**
 * The Job of a task, named after the task ID. It runs at most once (`backoffLimit: 0`, `restartPolicy: Never`) and
 * satisfies Pod Security `restricted` unless the provider's template says otherwise.
 */
export function jobManifest({ task, template, gateway, suspend = false }: JobInput): Manifest<Job> {
  const { metadata, spec = {} } = template as PodTemplate
  const labels = jobLabels(task)
  const request = task.metadata.annotations?.[annotation.rotateRequestedAt]
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace: task.spec.jobNamespace,
      name: task.metadata.name,
      labels,
      annotations: {
        [annotation.taskSpec]: JSON.stringify(task.spec),
        ...(request !== undefined && { [annotation.rotateRequestedAt]: request }),
        ...(suspend && { [annotation.fence]: 'true' }),
      },
      finalizers: [finalizer.jobRelease],
    },
    spec: {
      suspend,
      backoffLimit: 0,
      completions: 1,
      parallelism: 1,
      // The task's own time-out comes first and lets the outcome be judged; this one holds when the operator is away.
      activeDeadlineSeconds: task.spec.timeoutSeconds + 60,
      ttlSecondsAfterFinished: 3600,
      template: {
        metadata: {
          labels: { ...metadata?.labels, ...labels },
          annotations: { ...metadata?.annotations, [annotation.gatewayCa]: gateway.ca },
        },
        spec: podSpec(spec, task, gateway),
      },
    } as unknown as NonNullable<Job['spec']>,
  }
}

/** A Job and its pod bear the labels of the task, and say whose they are. */
const jobLabels = (task: SecretTask): Record<string, string> => ({
  ...taskLabels(task.spec),
  ...(task.metadata.labels?.[label.orphan] !== undefined && { [label.orphan]: task.metadata.labels[label.orphan] }),
  [label.task]: task.metadata.name,
  [label.taskUid]: task.metadata.uid,
  [label.taskNamespace]: task.metadata.namespace ?? '',
  [label.attempt]: String(task.spec.attempt),
})

/** Labels of every child of a credential, so that `kubectl get jobs` can be read. */
export const taskLabels = ({ credential, version, type }: SecretTask['spec']): Record<string, string> => ({
  [label.managedBy]: MANAGER,
  [label.credential]: credential.name,
  [label.credentialUid]: credential.uid,
  [label.version]: String(version),
  [label.action]: type,
})

function podSpec(spec: PodSpec, task: SecretTask, gateway: GatewayAddress): PodSpec {
  const containers = spec.containers ?? []
  const provider = containers.find((c) => c.name === 'provider') ?? containers[0]
  const deadline = podDeadlineSeconds(task.spec.timeoutSeconds)
  const lifetime = Math.max(600, deadline)
  const token = { path: 'token', audience: GATEWAY_AUDIENCE, expirationSeconds: lifetime }
  const ca = { path: 'ca.crt', fieldRef: { fieldPath: `metadata.annotations['${annotation.gatewayCa}']` } }
  return {
    automountServiceAccountToken: false,
    ...spec,
    restartPolicy: 'Never',
    activeDeadlineSeconds: Math.min(spec.activeDeadlineSeconds ?? Infinity, deadline),
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...spec.securityContext },
    volumes: [
      ...(spec.volumes ?? []),
      { name: VOLUME, projected: { sources: [{ serviceAccountToken: token }, { downwardAPI: { items: [ca] } }] } },
    ],
    ...(spec.initContainers && { initContainers: spec.initContainers.map(restricted) }),
    containers: containers.map((container) => ({
      ...restricted(onceOnly(container)),
      ...(container === provider && {
        env: [...withoutReserved(container.env ?? []), ...environment(task, gateway)],
        volumeMounts: [...(container.volumeMounts ?? []), { name: VOLUME, mountPath: MOUNT, readOnly: true }],
      }),
    })),
  }
}

const restricted = (container: Container): Container => ({
  ...container,
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...container.securityContext },
})

/** A container may say that it starts anew by itself, whatever the pod says: what its first start has made nobody would know. */
const onceOnly = ({ restartPolicy: _policy, restartPolicyRules: _rules, ...container }: Container): Container =>
  container

/** The contract's variables come from the task alone: a template cannot pretend another task. */
const withoutReserved = (env: NonNullable<Container['env']>) =>
  env.filter(({ name }) => !name.startsWith('SM_') && !name.startsWith('SMIN_'))

/**
 * The environment of a run, as IBM's providers know it. Inputs come under both names that IBM's material uses: its
 * README says `SMIN_<NAME>_VALUE`, its generator and samples read `SM_<NAME>_VALUE`. Of a Secret it is the ID, under which the
 * task gateway shows it.
 */
function environment(task: SecretTask, gateway: GatewayAddress): EnvVar[] {
  const { spec } = task
  const contract: Record<string, string | undefined> = {
    SM_ACTION: spec.type,
    SM_TRIGGER: spec.trigger,
    SM_INSTANCE_URL: gateway.url,
    [TASK_ID]: task.metadata.name,
    SM_SECRET_ID: spec.credential.uid,
    SM_TASK_DEADLINE: task.status.deadline,
    SM_SECRET_NAME: spec.credential.name,
    SM_SECRET_GROUP_ID: spec.credential.namespace,
    // IBM's generated code refuses to start where this is empty; the pod's token is what counts here.
    SM_ACCESS_APIKEY: 'unused',
    SM_TOKEN_FILE: `${MOUNT}/token`,
    SM_CA_FILE: `${MOUNT}/ca.crt`,
    SM_ORIGIN_TASK_ID: spec.originTaskId,
    SM_CREDENTIALS_ID: spec.credentialsId,
    SM_SECRET_VERSION_ID: spec.credentialsId === undefined ? undefined : String(spec.version),
  }
  const secrets = Object.entries(spec.secretParameters ?? {}).map(
    ([name, secret]) => [name, inputId(spec.credential.uid, secret.name)] as const,
  )
  const inputs = [...Object.entries(spec.parameters), ...secrets].flatMap(([name, value]) =>
    ['SMIN', 'SM'].map((prefix) => [`${prefix}_${name.toUpperCase()}_VALUE`, String(value)] as const),
  )
  return [...Object.entries(contract), ...inputs].flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value: escaped(value) }],
  )
}

/**
 * Kubernetes expands `$(NAME)` in values, and takes `$$` for one dollar sign: a parameter must not read another variable,
 * such as the provider's login.
 */
const escaped = (value: string): string => value.replaceAll('$', () => '$$')
