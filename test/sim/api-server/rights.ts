import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import type { Resource } from '../../../src/api/meta.ts'
import { ApiError } from '../../../src/kube/errors.ts'

interface Role {
  readonly rules?: readonly {
    readonly apiGroups: readonly string[]
    readonly resources: readonly string[]
    readonly verbs: readonly string[]
  }[]
}

/** The cause by which a refusal for want of a right is told from any other. */
export const RIGHT_MISSING = 'RightMissing'

/** All that deploy/ has for the operator; which of it holds in one namespace alone is not looked at. */
const ROLES = ['base/rbac-operator.yaml', 'components/restart-targets/role/role.yaml']
const DEPLOY = new URL('../../../deploy/', import.meta.url)

const granted: ReadonlySet<string> = new Set(
  ROLES.flatMap((file) => parseAllDocuments(readFileSync(new URL(file, DEPLOY), 'utf8')))
    .flatMap((document) => (document.toJS() as Role).rules ?? [])
    .flatMap(({ apiGroups, resources, verbs }) =>
      verbs.flatMap((verb) => resources.flatMap((plural) => apiGroups.map((group) => `${verb} ${plural}.${group}`))),
    ),
)

/** Why the operator may not do that, `verb plural[/subresource]`; undefined where it may. */
export function denial(request: string, { group }: Resource): ApiError | undefined {
  if (granted.has(`${request}.${group}`)) return undefined
  return new ApiError('Forbidden', `the operator may not ${request}`, { code: 403, causes: [RIGHT_MISSING] })
}
