import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SecretTaskSpec } from '../../../src/api/generated.ts'
import { inputId } from '../../../src/api/input-id.ts'
import { annotation, finalizer, label } from '../../../src/api/labels.ts'
import { containerOf, jobManifest } from '../../../src/secret-task/job.ts'
import { maker } from '../../support/builders.ts'
import { aCreation, aDeletion, type TaskBuilder } from '../../support/builders-tasks.ts'
import { CREDENTIAL_UID } from '../../support/task-run.ts'

const gateway = { url: 'https://task-gateway.operator-system.svc', ca: 'PEM' }
const container = (name: string, more: object = {}) => ({ name, image: `${name}:1`, ...more })
const provider = container('provider')

const jobOf = (task: TaskBuilder, spec: object = { containers: [provider] }, metadata?: object) =>
  jobManifest({ task: task.object, template: { spec, ...(metadata && { metadata }) }, gateway })
const podOf = (task: TaskBuilder, spec?: object) => jobOf(task, spec).spec?.template.spec
const environmentOf = (task: TaskBuilder, spec?: object, name = 'provider') => {
  const env = podOf(task, spec)?.containers.find((other) => other.name === name)?.env ?? []
  return Object.fromEntries(env.map((entry) => [entry.name, entry.value]))
}
const having = (parameters: SecretTaskSpec['parameters']) => aCreation().spec({ parameters })

/** What Kubernetes makes of a value (third_party/forked/golang/expansion): `$$` is a dollar, `$(NAME)` a variable. */
const expanded = (value: string, variables: Record<string, string>): string =>
  value.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (variables[name] ?? whole),
  )

describe('the Job of a task', () => {
  const { metadata, spec } = jobOf(aCreation())

  it('bears the name of the task and says whose it is, as its pod does', () => {
    const labels = {
      [label.task]: maker(1),
      [label.taskUid]: aCreation().object.metadata.uid,
      [label.credential]: 'orders-database',
      [label.credentialUid]: CREDENTIAL_UID,
      [label.version]: '1',
      [label.action]: 'create_credentials',
      [label.attempt]: '1',
    }
    expect(metadata).toMatchObject({ namespace: 'team-a', name: maker(1), labels })
    expect(spec?.template.metadata?.labels).toEqual(metadata.labels)
  })

  it('runs at most one pod, and none again', () => {
    expect(spec).toMatchObject({ backoffLimit: 0, completions: 1, parallelism: 1, suspend: false })
    expect(spec?.template.spec?.restartPolicy).toBe('Never')
  })

  it('is held until its outcome is recorded, and carries what it takes to record it', () => {
    expect(metadata.finalizers).toEqual([finalizer.jobRelease])
    expect(JSON.parse(metadata.annotations?.[annotation.taskSpec] ?? '')).toEqual(aCreation().object.spec)
  })

  it('ends by itself a minute after the task’s own time-out', () => {
    expect(spec?.activeDeadlineSeconds).toBe(aCreation().object.spec.timeoutSeconds + 60)
  })

  it('has a pod that the kubelet ends by itself a minute later, and earlier where its template says so', () => {
    const deadlineOf = (of: object) => podOf(aCreation(), { containers: [provider], ...of })?.activeDeadlineSeconds
    const { timeoutSeconds } = aCreation().object.spec
    expect(deadlineOf({})).toBe(timeoutSeconds + 120)
    expect(deadlineOf({ activeDeadlineSeconds: 60 })).toBe(60)
    expect(deadlineOf({ activeDeadlineSeconds: 86_400 })).toBe(timeoutSeconds + 120)
  })

  it('never runs if it is a fence', () => {
    const input = { task: aCreation().object, template: { spec: { containers: [provider] } }, gateway, suspend: true }
    expect(jobManifest(input)).toMatchObject({
      metadata: { annotations: { [annotation.fence]: 'true' } },
      spec: { suspend: true },
    })
  })

  it('is marked as an orphan’s if its task is', () => {
    const { object } = aDeletion()
    const marked = { ...object, metadata: { ...object.metadata, labels: { [label.orphan]: 'orders-1' } } }
    const template = { spec: { containers: [provider] } }
    expect(jobManifest({ task: marked, template, gateway }).metadata.labels?.[label.orphan]).toBe('orders-1')
  })
})

describe('the environment of a run', () => {
  it('tells a creation what to create, and where to report it', () => {
    expect(environmentOf(aCreation())).toMatchObject({
      SM_ACTION: 'create_credentials',
      SM_TRIGGER: 'secret_creation',
      SM_INSTANCE_URL: gateway.url,
      SM_SECRET_TASK_ID: maker(1),
      SM_SECRET_ID: CREDENTIAL_UID,
      SM_SECRET_NAME: 'orders-database',
      SM_SECRET_GROUP_ID: 'team-a',
      SM_ACCESS_APIKEY: 'unused',
      SM_TOKEN_FILE: '/var/run/customcredentials.dev/token',
      SM_CA_FILE: '/var/run/customcredentials.dev/ca.crt',
    })
  })

  it.each(['SM_ORIGIN_TASK_ID', 'SM_CREDENTIALS_ID', 'SM_SECRET_VERSION_ID'])('of a creation has no %s', (name) => {
    expect(environmentOf(aCreation())).not.toHaveProperty(name)
  })

  it('tells a deletion what to delete', () => {
    expect(environmentOf(aDeletion(2))).toMatchObject({
      SM_ACTION: 'delete_credentials',
      SM_ORIGIN_TASK_ID: maker(2),
      SM_CREDENTIALS_ID: 'role-2',
      SM_SECRET_VERSION_ID: '2',
    })
  })

  it('tells a find run only the task whose work it is to find', () => {
    const environment = environmentOf(aDeletion(2, { credentialsId: undefined }))
    expect(environment).toMatchObject({ SM_ORIGIN_TASK_ID: maker(2) })
    expect(environment).not.toHaveProperty('SM_CREDENTIALS_ID')
    expect(environment).not.toHaveProperty('SM_SECRET_VERSION_ID')
  })

  it('has the inputs under both names that IBM’s material uses', () => {
    expect(environmentOf(having({ database: 'orders', port: 5432, tls: true }))).toMatchObject({
      SM_DATABASE_VALUE: 'orders',
      SMIN_DATABASE_VALUE: 'orders',
      SM_PORT_VALUE: '5432',
      SMIN_TLS_VALUE: 'true',
    })
  })

  it('has the ID of a Secret that is to be read, and nothing else of it', () => {
    const secretParameters = { admin: { name: 'ledger-admin' } }
    const id = inputId(CREDENTIAL_UID, 'ledger-admin')
    expect(environmentOf(aCreation().spec({ secretParameters }))).toMatchObject({
      SM_ADMIN_VALUE: id,
      SMIN_ADMIN_VALUE: id,
    })
  })

  it.each(['$(ADMIN_PASSWORD)', 'a$(B)c', '$$(ADMIN_PASSWORD)', '$$$(ADMIN_PASSWORD)', 'costs $5', '$', '$$'])(
    'hands over %s as it is: a parameter reads no other variable, such as the provider’s login',
    (text) => {
      const value = environmentOf(having({ database: text }))['SM_DATABASE_VALUE'] ?? ''
      expect(expanded(value, { ADMIN_PASSWORD: 'secret', B: 'secret' })).toBe(text)
    },
  )

  it('hands over any text as it is', () => {
    const text = fc.string({ unit: fc.constantFrom('$', '(', ')', 'A', ' ') })
    fc.assert(
      fc.property(text, (database) => {
        const value = environmentOf(having({ database }))['SM_DATABASE_VALUE'] ?? ''
        expect(expanded(value, { A: 'secret' })).toBe(database)
      }),
    )
  })

  it('comes from the task alone: a template cannot pretend another one', () => {
    const env = [
      { name: 'SM_SECRET_TASK_ID', value: 'another' },
      { name: 'SMIN_DATABASE_VALUE', value: 'another' },
      { name: 'PGHOST', value: 'db' },
    ]
    const spec = { containers: [container('provider', { env })] }
    const names = podOf(aCreation(), spec)?.containers[0]?.env?.map(({ name }) => name) ?? []
    expect(environmentOf(aCreation(), spec)).toMatchObject({ PGHOST: 'db', SM_SECRET_TASK_ID: maker(1) })
    expect(new Set(names).size).toBe(names.length)
  })

  it('goes to the container named provider and to no other', () => {
    const spec = { containers: [container('proxy'), provider] }
    expect(environmentOf(aCreation(), spec)).toHaveProperty('SM_ACTION')
    expect(environmentOf(aCreation(), spec, 'proxy')).toEqual({})
  })

  it('goes to the only container, whatever its name', () => {
    expect(environmentOf(aCreation(), { containers: [container('run')] }, 'run')).toHaveProperty('SM_ACTION')
  })

  it('tells which container that is, though a webhook has put another before it', () => {
    const { metadata, spec } = jobOf(aCreation(), { containers: [container('run')] })
    const proxy = { name: 'proxy', env: [{ name: 'SM_SECRET_TASK_ID', value: 'another' }] }
    const containers = [proxy, ...(spec?.template.spec?.containers ?? [])]
    const injected = {
      metadata: { ...metadata, uid: '', resourceVersion: '' },
      spec: { template: { spec: { containers } } },
    }
    expect(containerOf(injected)).toBe('run')
  })
})

describe('the pod of a run', () => {
  const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }

  it('satisfies Pod Security restricted, its init containers included', () => {
    const pod = podOf(aCreation(), { initContainers: [container('wait')], containers: [provider, container('proxy')] })
    expect(pod?.securityContext).toEqual({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    for (const { securityContext } of [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])]) {
      expect(securityContext).toEqual(restricted)
    }
    expect(pod?.initContainers).toHaveLength(1)
  })

  it('has containers that start once, whatever the template says', () => {
    const again = { restartPolicy: 'OnFailure', restartPolicyRules: [{ action: 'Restart' }] }
    const pod = podOf(aCreation(), {
      initContainers: [container('proxy', { restartPolicy: 'Always' })],
      containers: [container('provider', again)],
    })
    expect(pod?.containers[0]).not.toHaveProperty('restartPolicy')
    expect(pod?.containers[0]).not.toHaveProperty('restartPolicyRules')
    expect(pod?.initContainers?.[0]).toHaveProperty('restartPolicy', 'Always')
  })

  it('has no rights in the cluster', () => {
    expect(podOf(aCreation())?.automountServiceAccountToken).toBe(false)
  })

  it('leaves what the template says: settings are filled in, never overruled', () => {
    const pod = podOf(aCreation(), {
      serviceAccountName: 'runner',
      nodeSelector: { disk: 'ssd' },
      securityContext: { runAsUser: 1000, runAsNonRoot: false },
      containers: [container('provider', { resources: { limits: { memory: '64Mi' } } })],
    })
    expect(pod).toMatchObject({
      serviceAccountName: 'runner',
      nodeSelector: { disk: 'ssd' },
      securityContext: { runAsUser: 1000, runAsNonRoot: false },
      containers: [{ image: 'provider:1', resources: { limits: { memory: '64Mi' } } }],
    })
  })

  it('keeps the template’s labels and annotations, except where they pretend to be ours', () => {
    const labels = { team: 'a', [label.task]: 'another' }
    const { spec } = jobOf(aCreation(), { containers: [provider] }, { labels, annotations: { note: 'x' } })
    expect(spec?.template.metadata?.labels).toMatchObject({ team: 'a', [label.task]: maker(1) })
    expect(spec?.template.metadata?.annotations).toEqual({ note: 'x', [annotation.gatewayCa]: 'PEM' })
  })

  it.each([
    [60, 600],
    [600, 720],
    [3600, 3720],
  ])('of %d seconds shows a token for the gateway alone that lasts %d', (timeoutSeconds, expirationSeconds) => {
    const pod = podOf(aCreation().spec({ timeoutSeconds }))
    const token = { path: 'token', audience: 'customcredentials.dev/task-gateway', expirationSeconds }
    expect(pod?.volumes?.[0]?.projected?.sources?.[0]).toEqual({ serviceAccountToken: token })
    expect(pod?.containers[0]?.volumeMounts).toEqual([
      { name: 'task-gateway', mountPath: '/var/run/customcredentials.dev', readOnly: true },
    ])
  })
})
