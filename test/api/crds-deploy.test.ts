import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { ask, install, kubectl, OPERATOR, until, type Answer, type Identity } from './crds-cluster.ts'

let printed: { readonly stdout: string; readonly stderr: string }
beforeAll(async () => {
  printed = await install()
})

test('deploy/base applies server-side without a warning', () => {
  expect(printed.stderr).toBe('')
  expect(printed.stdout).toContain('deployment.apps/custom-credentials-operator serverside-applied')
})

test.each(['task-gateway-audience', 'records', 'marks'])(
  'The policy %s has no expression of a wrong type',
  async (name) => {
    const policies = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies'
    const status = async () => (await ask('GET', `${policies}/${name}.customcredentials.dev`)).body['status']
    // A controller writes it, perhaps long after the policy is in force.
    await expect.poll(status).toMatchObject({ observedGeneration: expect.any(Number) as number, typeChecking: {} })
    expect(await status()).not.toHaveProperty('typeChecking.expressionWarnings')
  },
)

test("The operator's pods are admitted under Pod Security restricted, in either namespace", async () => {
  const { body } = await ask(
    'GET',
    '/apis/apps/v1/namespaces/custom-credentials-system/deployments/custom-credentials-operator',
  )
  const { template } = body['spec'] as { template: { spec: object } }
  const pod = { metadata: { name: 'probe' }, spec: { ...template.spec, serviceAccountName: 'default' } }
  for (const namespace of ['custom-credentials-system', 'custom-credentials-revocation']) {
    const probe = () => ask('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, { body: pod })
    // Where there is a quota, nothing is admitted before it has been counted for the first time.
    await expect.poll(probe).toMatchObject({ code: 201, warning: '' })
    const privileged = { ...pod, spec: { ...pod.spec, hostNetwork: true } }
    expect((await ask('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, { body: privileged })).code).toBe(403)
  }
})

describe('What a gone tenant can use in the revocation namespace', () => {
  const container = (resources?: object) => ({
    name: 'provider',
    image: 'provider:1',
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    ...(resources && { resources }),
  })
  const aPod = (resources?: object) => ({
    metadata: { name: 'probe' },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [container(resources)],
    },
  })
  const admit = (body: object) =>
    ask('POST', '/api/v1/namespaces/custom-credentials-revocation/pods?dryRun=All', { body })
  const resourcesOf = ({ body }: Answer) => (body['spec'] as { containers: { resources: unknown }[] }).containers[0]

  beforeAll(() => until(async () => (await admit(aPod())).code === 201))

  it('is little for a container that asks for nothing', async () => {
    expect(resourcesOf(await admit(aPod()))).toMatchObject({
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '4', memory: '4Gi' } },
    })
  })

  it('is what its provider names, be it less or more than that', async () => {
    const less = { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '20m', memory: '32Mi' } }
    const more = { requests: { cpu: '2', memory: '4Gi' }, limits: { cpu: '4', memory: '8Gi' } }
    for (const resources of [less, more]) {
      expect(resourcesOf(await admit(aPod(resources)))).toMatchObject({ resources })
    }
  })

  it.each([
    ['requests.cpu', { requests: { cpu: '11' }, limits: { cpu: '11' } }],
    ['limits.cpu', { limits: { cpu: '201' }, requests: { cpu: '1' } }],
    ['requests.memory', { requests: { memory: '17Gi' }, limits: { memory: '17Gi' } }],
    ['limits.memory', { limits: { memory: '201Gi' }, requests: { memory: '1Gi' } }],
  ])('is bounded in %s', async (bound, resources) => {
    const { code, message } = await admit(aPod(resources))
    expect(code).toBe(403)
    expect(message).toContain(`exceeded quota: revocations, requested: ${bound}=`)
  })

  it('is a number of pods at a time', async () => {
    const { body } = await ask('GET', '/api/v1/namespaces/custom-credentials-revocation/resourcequotas/revocations')
    expect(body).toMatchObject({ spec: { hard: { pods: '50' } }, status: { hard: { pods: '50' } } })
  })
})

describe('Rights', () => {
  /** `verb resource[/subresource][.group] [in namespace]`, as RBAC decides for a user who has these roles. */
  async function may(who: Identity, right: string): Promise<boolean> {
    const [, verb, resource, subresource, group = '', namespace] =
      /^(\S+) ([a-z]+)(?:\/([a-z]+))?(?:\.(\S+))?(?: in (\S+))?$/.exec(right) ?? []
    const resourceAttributes = { verb, resource, subresource, group, namespace }
    const spec = { user: who.user, groups: who.groups ?? [], resourceAttributes }
    const { body } = await ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { body: { spec } })
    return (body['status'] as { allowed: boolean }).allowed
  }

  async function bound(role: string): Promise<Identity> {
    const apiGroup = 'rbac.authorization.k8s.io'
    const user = `crds-deploy-${role}`
    const roleRef = { apiGroup, kind: 'ClusterRole', name: role }
    const body = { metadata: { name: user }, roleRef, subjects: [{ apiGroup, kind: 'User', name: user }] }
    await ask('POST', `/apis/${apiGroup}/v1/namespaces/default/rolebindings`, { body })
    return { user }
  }

  it.each([
    'patch customcredentials.customcredentials.dev',
    'patch customcredentials/status.customcredentials.dev',
    'watch clustercredentialsproviders.customcredentials.dev',
    'patch credentialsproviders.customcredentials.dev',
    'patch clustercredentialsproviders.customcredentials.dev',
    'create secrettasks.customcredentials.dev',
    'patch secrettasks/status.customcredentials.dev',
    'delete orphanedcredentials.customcredentials.dev',
    'create jobs.batch',
    'delete jobs.batch',
    'create pods',
    'delete pods',
    'create secrets in default',
    'watch namespaces',
    'create events.events.k8s.io',
    'create tokenreviews.authentication.k8s.io',
    'patch leases.coordination.k8s.io in custom-credentials-system',
  ])('of the operator: %s', async (right) => {
    expect(await may(OPERATOR, right)).toBe(true)
  })

  it.each([
    'create customcredentials.customcredentials.dev',
    'delete customcredentials.customcredentials.dev',
    'delete credentialsproviders.customcredentials.dev',
    'update clustercredentialsproviders.customcredentials.dev',
    'update secrettasks.customcredentials.dev',
    'patch secrettasks.customcredentials.dev',
    'get namespaces',
    'delete namespaces',
    'create pods/exec',
    'patch pods',
    'get configmaps in custom-credentials-system',
    'create serviceaccounts/token',
    'patch leases.coordination.k8s.io in default',
    'get clusterroles.rbac.authorization.k8s.io',
    'impersonate users',
    'get deployments.apps',
    'patch deployments.apps',
  ])('that the operator does not need: %s', async (right) => {
    expect(await may(OPERATOR, right)).toBe(false)
  })

  const DEV = 'customcredentials.dev in default'
  it.each([
    ['view', `list customcredentials.${DEV}`, true],
    ['view', `get credentialsproviders.${DEV}`, true],
    ['view', `watch secrettasks.${DEV}`, true],
    ['view', `create customcredentials.${DEV}`, false],
    ['view', `delete secrettasks.${DEV}`, false],
    ['edit', `list secrettasks.${DEV}`, true],
    ['edit', `create customcredentials.${DEV}`, true],
    ['edit', `delete customcredentials.${DEV}`, true],
    ['edit', `update credentialsproviders.${DEV}`, true],
    ['edit', `delete secrettasks.${DEV}`, true],
    ['edit', `create secrettasks.${DEV}`, false],
    ['edit', `patch secrettasks.${DEV}`, false],
    ['edit', `patch customcredentials/status.${DEV}`, false],
    ['edit', `get secrets in custom-credentials-system`, false],
    ['admin', `create customcredentials.${DEV}`, true],
    ['admin', `create secrettasks.${DEV}`, false],
  ])('of the role %s: %s is %s', async (role, right, allowed) => {
    const who = await bound(role)
    await expect.poll(() => may(who, right)).toBe(allowed)
  })

  const DEPLOY = join(import.meta.dirname, '../../deploy')
  const RIGHTS = ['role/role.yaml', 'binding.yaml'].map((file) => join(DEPLOY, 'components/restart-targets', file))

  async function applyWith(part: string): Promise<void> {
    const overlay = mkdtempSync(join(tmpdir(), 'restart-targets-'))
    const [base, component] = ['base', part].map((folder) => relative(overlay, join(DEPLOY, folder)))
    writeFileSync(join(overlay, 'kustomization.yaml'), `resources: [${base}]\ncomponents: [${component}]\n`)
    await kubectl('apply', '--server-side', '--force-conflicts', '-k', overlay)
    rmSync(overlay, { recursive: true })
  }

  // The next file on this control plane finds an operator without them.
  const takeBack = async (...files: readonly string[]) => {
    await kubectl('delete', ...files.flatMap((file) => ['-f', file]))
  }

  describe('with the role for restart targets, bound in one namespace', () => {
    const BINDING = join(DEPLOY, 'samples/restart-targets.yaml')
    beforeAll(async () => {
      await ask('POST', '/api/v1/namespaces', { body: { metadata: { name: 'team-a' } } })
      await applyWith('components/restart-targets/role')
      await kubectl('apply', '--server-side', '-f', BINDING)
    })

    afterAll(() => takeBack(BINDING, ...RIGHTS.slice(0, 1)))

    it.each([
      ['patch deployments.apps in team-a', true],
      ['get rollouts.argoproj.io in team-a', true],
      ['patch deployments.apps in default', false],
      ['get statefulsets.apps', false],
    ])('of the operator: %s is %s', async (right, allowed) => {
      await expect.poll(() => may(OPERATOR, right)).toBe(allowed)
    })
  })

  describe('with the component for restart targets', () => {
    beforeAll(() => applyWith('components/restart-targets'))
    afterAll(() => takeBack(...RIGHTS))

    it.each([
      'get deployments.apps in default',
      'patch deployments.apps in default',
      'patch statefulsets.apps in default',
      'patch daemonsets.apps in default',
      'get rollouts.argoproj.io in default',
      'patch rollouts.argoproj.io in default',
    ])('of the operator: %s', async (right) => {
      await expect.poll(() => may(OPERATOR, right)).toBe(true)
    })

    it.each(['list deployments.apps', 'update deployments.apps', 'delete deployments.apps', 'patch replicasets.apps'])(
      'that the operator does not need: %s',
      async (right) => {
        expect(await may(OPERATOR, right)).toBe(false)
      },
    )
  })
})
