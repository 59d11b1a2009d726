import { BatchV1Api, CoreV1Api, KubeConfig, type V1JobSpec, type V1PodSpec } from '@kubernetes/client-node'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, inject, test } from 'vitest'

import { attachKindCluster, AuditLog } from '../cluster/index.ts'

const cluster = attachKindCluster(inject('kindCluster'))
const config = new KubeConfig()
config.loadFromFile(cluster.kubeconfigPath)
const core = config.makeApiClient(CoreV1Api)
const batch = config.makeApiClient(BatchV1Api)

const namespace = 'cluster-test'
const image = 'cluster-test:built-here'

/** A pod that Pod Security `restricted` accepts. */
const restricted = (script: string): V1PodSpec => ({
  restartPolicy: 'Never',
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'main',
      image,
      command: ['node', '-e', script],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      // A limit alone is a request, too, and a whole processor is not free on a node where other tests have left pods.
      resources: { requests: { cpu: '50m' }, limits: { memory: '128Mi', cpu: '1' } },
    },
  ],
})

const job = (name: string, spec: V1PodSpec): { metadata: { name: string }; spec: V1JobSpec } => ({
  metadata: { name },
  spec: { backoffLimit: 0, template: { spec } },
})

beforeAll(async () => {
  const context = mkdtempSync(join(tmpdir(), 'cluster-test-'))
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM node:24-bookworm-slim AS built\nENV GREETING=hello\nFROM built AS unused\n',
  )
  await cluster.buildImage({ dockerfile: join(context, 'Dockerfile'), tag: image, target: 'built', context })
  rmSync(context, { recursive: true })
  await cluster.loadImages([image])
  await cluster.waitForDns()
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  await core.createNamespace({ body: { metadata: { name: namespace, labels } } })
})

test('a Job runs in a container of an image that was built on this machine, with the cluster’s DNS', async () => {
  const script = `
    const { address } = await require('node:dns/promises').lookup('kubernetes.default.svc.cluster.local')
    console.log(process.env.GREETING, address, process.version.split('.')[0])`
  await batch.createNamespacedJob({ namespace, body: job('greets', restricted(`(async () => {${script}})()`)) })

  await expect
    .poll(async () => (await batch.readNamespacedJob({ namespace, name: 'greets' })).status?.conditions, {
      timeout: 90_000,
    })
    .toContainEqual(expect.objectContaining({ type: 'Complete', status: 'True' }))
  await expect(cluster.kubectl(['logs', '--namespace', namespace, 'job/greets'])).resolves.toBe('hello 10.96.0.1 v24\n')
})

test('Pod Security refuses a pod that asks for more than `restricted` allows', async () => {
  const spec = restricted('')
  delete spec.securityContext?.runAsNonRoot
  const pod = { metadata: { name: 'refused' }, spec }

  await expect(core.createNamespacedPod({ namespace, body: pod })).rejects.toMatchObject({
    code: 403,
    body: expect.stringContaining('violates PodSecurity') as string,
  })
})

test('a command in the node reaches service addresses, which this machine does not', async () => {
  await expect(cluster.exec('curl', ['--silent', '--insecure', 'https://10.96.0.1/readyz'])).resolves.toBe('ok')
})

test('the audit log tells who wrote what', async () => {
  const log = new AuditLog(cluster.auditLogPath)
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'counted' } } })

  await expect
    .poll(() => log.writes('kubernetes-admin').map(({ verb, objectRef }) => [verb, objectRef?.name]), {
      timeout: 30_000,
    })
    .toContainEqual(['create', 'counted'])
})
