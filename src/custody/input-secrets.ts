import { inputId } from '../api/input-id.ts'
import { annotation, CustodyKind, label, MANAGER } from '../api/labels.ts'
import type { KubeObject, Manifest } from '../api/meta.ts'
import { Secrets, type Secret } from '../api/resources.ts'
import { orAbsent } from '../kube/errors.ts'
import type { Custody } from './versions.ts'

const TYPE = 'customcredentials.dev/input-copy'

/** Whether runs may read a Secret of their credential's namespace: none that lies in custody, or that says so. */
export const isReadable = ({ metadata }: KubeObject, custodyNamespace: string): boolean =>
  metadata.namespace !== custodyNamespace && metadata.labels?.[label.custody] === undefined

/** The kinds of Secret that log in to the cluster itself: no provider is given one, and none is adopted. */
const CLUSTER_LOGINS = ['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token']

export const isClusterLogin = ({ type = '' }: Secret): boolean => CLUSTER_LOGINS.includes(type)

/** Tells whether a copy is of the Secret as it is. */
export const versionOf = ({ metadata: { uid, resourceVersion } }: KubeObject): string => `${uid}/${resourceVersion}`

export const copyName = (credentialUid: string, secretName: string): string =>
  `input-${inputId(credentialUid, secretName)}`

/** The copy of an input Secret that is kept for revocations. */
export function copyManifest(
  custodyNamespace: string,
  credential: { readonly name: string; readonly uid: string },
  secret: Secret,
): Manifest<Secret> {
  const { name } = secret.metadata
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: custodyNamespace,
      name: copyName(credential.uid, name),
      labels: {
        [label.managedBy]: MANAGER,
        [label.custody]: CustodyKind.copy,
        [label.credential]: credential.name,
        [label.credentialUid]: credential.uid,
      },
      annotations: { [annotation.inputSecrets]: name, [annotation.copied]: versionOf(secret) },
    },
    type: TYPE,
    data: { secret: Buffer.from(JSON.stringify(essence(secret))).toString('base64') },
  }
}

/** What a run is shown of it, and by what its kind is told: annotations may quote its values. */
function essence({ metadata, type, data }: Secret): object {
  const { namespace, name, uid, resourceVersion, creationTimestamp, labels } = metadata
  const owner = labels?.[label.credentialUid]
  const made = owner !== undefined && { labels: { [label.credentialUid]: owner } }
  return { metadata: { namespace, name, uid, resourceVersion, creationTimestamp, ...made }, type, data }
}

/** The Secret as it was when it was copied last; undefined where no copy is kept. */
export async function readCopy(
  { api, namespace }: Pick<Custody, 'api' | 'namespace'>,
  credentialUid: string,
  secretName: string,
): Promise<Secret | undefined> {
  const copy = await orAbsent(api.get(Secrets, { namespace, name: copyName(credentialUid, secretName) }))
  const isOurs = copy?.type === TYPE && copy.metadata.labels?.[label.credentialUid] === credentialUid
  const encoded = isOurs ? copy.data?.['secret'] : undefined
  return encoded === undefined ? undefined : (JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as Secret)
}
