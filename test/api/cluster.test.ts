import { KubeConfig, BatchV1Api, CoreV1Api, AuthenticationV1Api, RbacAuthorizationV1Api } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { AuditLog, startApiCluster, type ApiCluster } from '../cluster/index.ts'
import { ownCluster } from '../support/own-cluster.ts'

const job = (name: string) => ({
  metadata: { name },
  spec: {
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'registry.invalid/none' }] } },
  },
})

const client = (kubeconfigPath: string): KubeConfig => {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfigPath)
  return config
}

describe('the cluster that a test run shares', () => {
  const cluster = ownCluster()
  const config = client(cluster.kubeconfigPath)
  const core = config.makeApiClient(CoreV1Api)

  test('makes pods for a Job, as its controllers are the real ones', async () => {
    const batch = config.makeApiClient(BatchV1Api)
    const namespace = 'cluster-test-job'
    await core.createNamespace({ body: { metadata: { name: namespace } } })
    await expect.poll(() => core.listNamespacedServiceAccount({ namespace })).toMatchObject({ items: [{}] })
    const created = await batch.createNamespacedJob({ namespace, body: job('one') })

    await expect
      .poll(() => core.listNamespacedPod({ namespace, labelSelector: 'job-name=one' }))
      .toMatchObject({ items: [{ metadata: { ownerReferences: [{ uid: created.metadata?.uid }] } }] })
  })

  test('reviews the token that it has issued to a service account', async () => {
    const namespace = 'default'
    const authentication = config.makeApiClient(AuthenticationV1Api)
    const body = { spec: { audiences: ['example'] } }
    const issued = await core.createNamespacedServiceAccountToken({ namespace, name: 'default', body })
    const token = issued.status?.token ?? ''
    const review = (audience: string) =>
      authentication.createTokenReview({ body: { spec: { token, audiences: [audience] } } })

    await expect(review('example')).resolves.toMatchObject({
      status: { authenticated: true, user: { username: 'system:serviceaccount:default:default' } },
    })
    await expect(review('another')).resolves.toHaveProperty('status.error')
  })
})

describe('a cluster of its own', () => {
  let cluster: ApiCluster
  let core: CoreV1Api

  beforeAll(async () => {
    cluster = await startApiCluster({ name: 'cluster-test', users: { developer: ['team-a'] } })
    core = client(cluster.kubeconfigPath).makeApiClient(CoreV1Api)
  })
  afterAll(() => cluster.stop())

  test('knows a user without rights, who gets them by RBAC', async () => {
    const config = client(cluster.users['developer']?.kubeconfigPath ?? '')
    const asDeveloper = config.makeApiClient(CoreV1Api)
    await expect(asDeveloper.listNamespace()).rejects.toMatchObject({ code: 403 })

    const rbac = client(cluster.kubeconfigPath).makeApiClient(RbacAuthorizationV1Api)
    await rbac.createClusterRoleBinding({
      body: {
        metadata: { name: 'team-a' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'team-a' }],
      },
    })
    await expect.poll(() => asDeveloper.listNamespace().catch(() => undefined)).toHaveProperty('items')
  })

  test('counts what each user wrote, refused writes apart', async () => {
    const log = new AuditLog(cluster.auditLogPath)
    const named = (name: string) => ({ namespace: 'default', body: { metadata: { name } } })
    await core.createNamespacedConfigMap(named('counted'))
    await core.replaceNamespacedConfigMap({ ...named('counted'), name: 'counted' })
    await expect(core.createNamespacedConfigMap(named('counted'))).rejects.toMatchObject({ code: 409 })
    await core.readNamespacedConfigMap({ namespace: 'default', name: 'counted' })

    await expect.poll(() => log.events().filter(({ objectRef }) => objectRef?.name === 'counted').length).toBe(4)
    expect(log.writes('admin').map(({ verb }) => verb)).toEqual(['create', 'update'])
    expect(log.writes('developer')).toEqual([])
    log.mark()
    expect(log.writes('admin')).toEqual([])
  })

  test('keeps its objects, its address and its certificate when the API server is killed and started again', async () => {
    await core.createNamespace({ body: { metadata: { name: 'before-the-kill' } } })
    const before = cluster.pid('kube-apiserver')
    cluster.killApiServer()
    expect(cluster.pid('kube-apiserver')).toBeUndefined()
    await expect(core.listNamespace()).rejects.toThrow('fetch failed')

    await cluster.startApiServer()
    expect(cluster.pid('kube-apiserver')).not.toBe(before)
    await expect(core.readNamespace({ name: 'before-the-kill' })).resolves.toHaveProperty('metadata.uid')
  })
})
