import type {
  Capability,
  ClusterCredentialsProvider,
  CredentialsProvider,
  CustomCredential,
  OrphanedCredential,
} from '../../src/api/generated.ts'
import { annotation, label } from '../../src/api/labels.ts'
import type { KubeObject, Manifest, Resource } from '../../src/api/meta.ts'
import {
  ClusterCredentialsProviders,
  CredentialsProviders,
  CustomCredentials,
  Deployments,
  type Namespace,
  Namespaces,
  OrphanedCredentials,
  type Secret,
  Secrets,
  type Workload,
} from '../../src/api/resources.ts'
import { isAlreadyExists, isNamespaceTerminating, isNotFound } from '../../src/kube/errors.ts'
import type { ApiServer } from './api-server/api-server.ts'

const apiVersion = 'customcredentials.dev/v1alpha1'
const by = 'a person'

/** Of each team, unless they have made another in its place. */
export const PROVIDER = 'ledger'
/** A Secret of a team's own, by which its provider logs in. */
export const LOGIN = 'ledger-admin'
/** The administrator's namespace, in which the Jobs of the cluster's provider run. */
export const PLATFORM = 'platform'
/** Of a credential that the cluster's provider makes. */
export const OF_CLUSTER = { providerRef: { kind: 'ClusterCredentialsProvider', name: 'cloud' } } as const
/** A namespace that bears it is one that the cluster's provider serves. */
const ADMITTED = 'example.com/cloud'

/** What distinguishes a provider: the image tells how it is made, and for which class of upstream. */
export interface ProviderSetting {
  readonly image?: string
  readonly capabilities?: readonly Capability[]
  readonly limits?: Pick<CredentialsProvider['spec'], 'concurrency' | 'rateLimit'>
  /** Its template refers to the Secret `LOGIN`, which lies beside its Jobs. */
  readonly refersToLogin?: boolean
}

const providerSpec = ({
  image = 'provider:dev',
  capabilities = ['find'],
  limits = {},
  refersToLogin,
}: ProviderSetting) => {
  const env = [{ name: 'ADMIN_PASSWORD', valueFrom: { secretKeyRef: { name: LOGIN, key: 'password' } } }]
  return {
    ...limits,
    capabilities,
    taskTimeout: '2m',
    template: { spec: { containers: [{ name: 'provider', image, ...(refersToLogin && { env }) }] } },
    schema: {
      parameters: [
        { name: 'role', type: 'string' },
        { name: 'admin', type: 'secret_id' },
      ],
      credentials: [{ name: 'password', type: 'string', required: true }],
    },
  }
}

type Described<T extends KubeObject> = T & { readonly spec?: unknown }

/** What people do with kubectl, and what they see. */
export class People {
  readonly #server: ApiServer
  /** By namespace: the provider that they name in what they create. */
  readonly #providers = new Map<string, string>()

  constructor(server: ApiServer) {
    this.#server = server
  }

  createNamespace(name: string): void {
    const manifest: Manifest<Namespace> = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    this.#server.create(Namespaces, manifest, { by })
  }

  createProvider(namespace: string, setting: ProviderSetting = {}, name = PROVIDER): void {
    const metadata = { namespace, name }
    const manifest = { apiVersion, kind: 'CredentialsProvider', metadata, spec: providerSpec(setting) } as unknown
    this.#tolerant(() => this.#server.create(CredentialsProviders, manifest as Manifest<CredentialsProvider>, { by }))
    this.#providers.set(namespace, name)
  }

  /** Has all credentials of the namespace made by another provider from now on. */
  moveTo(namespace: string, provider: string): void {
    const { kind } = OF_CLUSTER.providerRef
    for (const { metadata, spec } of this.#server.list(CustomCredentials, { namespace }).items)
      if (spec.providerRef.kind !== kind)
        this.editCredential(namespace, metadata.name, { providerRef: { name: provider } })
  }

  deleteProvider(namespace: string, name = PROVIDER): void {
    this.#tolerant(() => {
      this.#server.remove(CredentialsProviders, { namespace, name }, { by })
    })
  }

  provider(namespace: string, name = PROVIDER): CredentialsProvider | undefined {
    return this.#server.find(CredentialsProviders, { namespace, name })
  }

  /** Serves the namespaces that are admitted. */
  createClusterProvider(setting: ProviderSetting = {}): void {
    const spec = {
      ...providerSpec(setting),
      jobNamespace: PLATFORM,
      allowedNamespaces: { from: 'Selector', selector: { matchLabels: { [ADMITTED]: 'yes' } } },
    }
    const { kind, name } = OF_CLUSTER.providerRef
    const manifest = { apiVersion, kind, metadata: { name }, spec } as unknown as Manifest<ClusterCredentialsProvider>
    this.#server.create(ClusterCredentialsProviders, manifest, { by })
  }

  /** Has the cluster's provider serve a namespace, or serve it no more. */
  admit(namespace: string, isAdmitted = true): void {
    const merge = { metadata: { labels: { [ADMITTED]: isAdmitted ? 'yes' : null } } }
    this.#tolerant(() => this.#server.patch(Namespaces, { name: namespace }, { merge }, { by }))
  }

  /** What the cluster's provider has issued before a moment is trusted no more. */
  distrustCluster(
    revokeIssuedBefore: string,
    revokeMode: CustomCredential['spec']['revokeMode'] = 'AfterReplacement',
  ): void {
    const merge = { spec: { revokeIssuedBefore, revokeMode } }
    const { name } = OF_CLUSTER.providerRef
    this.#tolerant(() => this.#server.patch(ClusterCredentialsProviders, { name }, { merge }, { by }))
  }

  clusterProvider(): ClusterCredentialsProvider | undefined {
    const { name } = OF_CLUSTER.providerRef
    return this.#server.find(ClusterCredentialsProviders, { name })
  }

  /** As somebody does who has deleted it and still has its manifest. */
  makeAnew<T extends KubeObject>(
    resource: Resource<T>,
    { apiVersion, kind, metadata: { namespace, name }, spec }: Described<T>,
  ): void {
    const metadata = { ...(namespace !== undefined && { namespace }), name }
    const manifest = { apiVersion, kind, metadata, spec } as unknown as Manifest<T>
    this.#tolerant(() => this.#server.create(resource, manifest, { by }))
  }

  createCredential(namespace: string, name: string, spec: Partial<CustomCredential['spec']> = {}): void {
    const manifest = {
      apiVersion,
      kind: 'CustomCredential',
      metadata: { namespace, name },
      spec: { providerRef: { name: this.#providers.get(namespace) ?? PROVIDER }, ...spec },
    }
    this.#tolerant(() => this.#server.create(CustomCredentials, manifest, { by }))
  }

  /** From a backup, with what its status was then. */
  bringBack(namespace: string, name: string, status: Partial<CustomCredential['status']>): void {
    this.createCredential(namespace, name)
    const merge = { status: { observedGeneration: 1, ...status } }
    const key = { namespace, name }
    this.#tolerant(() => this.#server.patch(CustomCredentials, key, { merge, subresource: 'status' }, { by }))
  }

  /** A merge patch of the spec. */
  editCredential(namespace: string, name: string, spec: object): void {
    this.#tolerant(() => this.#server.patch(CustomCredentials, { namespace, name }, { merge: { spec } }, { by }))
  }

  rotate(namespace: string, name: string, request: string): void {
    const merge = { metadata: { annotations: { [annotation.rotateRequestedAt]: request } } }
    this.#tolerant(() => this.#server.patch(CustomCredentials, { namespace, name }, { merge }, { by }))
  }

  /** A Secret of their own. */
  createSecret(namespace: string, name: string, password = 'their own'): void {
    const data = { password: Buffer.from(password).toString('base64') }
    const manifest: Manifest<Secret> = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, data }
    this.#tolerant(() => this.#server.create(Secrets, manifest, { by }))
  }

  /**
   * A Secret of their own, for a credential to merge into. GitOps makes it anew where it is gone, and takes out what somebody
   * has put into the credential's place.
   */
  keepSettings(namespace: string, name: string): void {
    const there = this.secret(namespace, name)
    if (there?.data?.['password'] !== undefined && there.metadata.labels?.[label.merged] === undefined)
      this.#server.patch(Secrets, { namespace, name }, { merge: { data: { password: null } } }, { by })
    if (there !== undefined || this.isTerminating(namespace)) return
    const metadata = { namespace, name, labels: { [label.managedBy]: 'Helm' } }
    const data = { host: Buffer.from('db.example.com').toString('base64') }
    this.#server.create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data }, { by })
  }

  /** A key of such a Secret. */
  editSettings(namespace: string, name: string, host: string): void {
    const merge = { data: { host: Buffer.from(host).toString('base64') } }
    this.#tolerant(() => this.#server.patch(Secrets, { namespace, name }, { merge }, { by }))
  }

  /** The Secret by which the provider logs in; a changed password takes the place of the one before. */
  setLogin(namespace: string, nth: number): void {
    const data = { password: Buffer.from(`canary-${namespace}-login-${nth}-finch`).toString('base64') }
    const key = { namespace, name: LOGIN }
    const manifest: Manifest<Secret> = { apiVersion: 'v1', kind: 'Secret', metadata: key, data }
    this.#tolerant(() => this.#server.create(Secrets, manifest, { by }))
    this.#tolerant(() => this.#server.patch(Secrets, key, { merge: { data } }, { by }))
  }

  /** Of a program that reads its credential when it starts. A new pod is available when it has been ready for so many seconds. */
  createDeployment(namespace: string, name: string, minReadySeconds = 0): void {
    const labels = { app: name }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } }
    const spec = { minReadySeconds, selector: { matchLabels: labels }, template }
    const manifest: Manifest<Workload> = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name },
      spec,
    }
    this.#tolerant(() => this.#server.create(Deployments, manifest, { by }))
  }

  deleteSecret(namespace: string, name: string): void {
    this.#tolerant(() => {
      this.#server.remove(Secrets, { namespace, name }, { by })
    })
  }

  deleteCredential(namespace: string, name: string): void {
    this.#tolerant(() => {
      this.#server.remove(CustomCredentials, { namespace, name }, { by })
    })
  }

  /** Has each orphan tried now, those that are left alone included. */
  retryOrphans(): void {
    const merge = { metadata: { annotations: { [annotation.retryRequestedAt]: 'now' } } }
    for (const { metadata } of this.orphans())
      this.#tolerant(() => this.#server.patch(OrphanedCredentials, { name: metadata.name }, { merge }, { by }))
  }

  /** Has the operator take their word for it that nothing of this orphan exists any more. */
  forgetOrphan(name: string): void {
    const merge = { metadata: { annotations: { [annotation.forget]: 'true' } } }
    this.#tolerant(() => this.#server.patch(OrphanedCredentials, { name }, { merge }, { by }))
  }

  deleteNamespace(name: string): void {
    this.#tolerant(() => {
      this.#server.remove(Namespaces, { name }, { by })
    })
  }

  credential(namespace: string, name: string): CustomCredential | undefined {
    return this.#server.find(CustomCredentials, { namespace, name })
  }

  orphans(): readonly OrphanedCredential[] {
    return this.#server.list(OrphanedCredentials).items
  }

  secret(namespace: string, name: string): Secret | undefined {
    return this.#server.find(Secrets, { namespace, name })
  }

  /** The version that consumers have been given; 0 for none. */
  delivered(namespace: string, name: string): number {
    const versions = this.credential(namespace, name)?.status.versions ?? []
    return Math.max(0, ...versions.flatMap(({ version, deliveredAt }) => (deliveredAt === undefined ? [] : [version])))
  }

  /** The text under a key of a Secret. */
  text(namespace: string, name: string, key: string): string | undefined {
    const encoded = this.secret(namespace, name)?.data?.[key]
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString()
  }

  isGone(namespace: string): boolean {
    return this.#server.find(Namespaces, { name: namespace }) === undefined
  }

  isTerminating(namespace: string): boolean {
    const there = this.#server.find(Namespaces, { name: namespace })
    return there === undefined || there.metadata.deletionTimestamp !== undefined
  }

  /** What is not there any more can not be changed, nor made where it still is or all is going: nobody's fault. */
  #tolerant<R>(act: () => R): R | undefined {
    try {
      return act()
    } catch (error) {
      if (isNotFound(error) || isAlreadyExists(error) || isNamespaceTerminating(error)) return undefined
      throw error
    }
  }
}
