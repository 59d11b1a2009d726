import type { CredentialSchema, Target } from '../../api/generated.ts'
import { templateProblem } from './template-problem.ts'

/** Keys that the API server wants of a type: one of each row. */
const NEEDED = new Map<string, readonly (readonly string[])[]>([
  ['kubernetes.io/basic-auth', [['username', 'password']]],
  ['kubernetes.io/ssh-auth', [['ssh-privatekey']]],
  ['kubernetes.io/tls', [['tls.crt'], ['tls.key']]],
  ['kubernetes.io/dockercfg', [['.dockercfg']]],
  ['kubernetes.io/dockerconfigjson', [['.dockerconfigjson']]],
])

type Outputs = readonly CredentialSchema[] | undefined

/** Why the Secret can not be made as `spec.target` wants it, whatever a version's outputs are; `outputs` where they are known. */
export function targetProblem(target: Target | undefined, outputs: Outputs): string | undefined {
  if (target === undefined) return undefined
  const wrong = target.template && templateProblem(target.template, outputs)
  return wrong ?? typeProblem(target, outputs) ?? prefixProblem(target, outputs)
}

function typeProblem({ type = 'Opaque', template }: Target, outputs: Outputs): string | undefined {
  const sure = template ? Object.keys(template) : outputs?.filter(({ required }) => required).map(({ name }) => name)
  const missing = sure && (NEEDED.get(type) ?? []).find((row) => !row.some((key) => sure.includes(key)))
  return missing && `spec.target.type: ${type} needs the key ${missing.join(' or ')}: make it in spec.target.template.`
}

function prefixProblem({ template, previousKeys }: Target, outputs: Outputs = []): string | undefined {
  if (previousKeys === undefined) return undefined
  const names = outputs.map(({ name }) => name)
  const keys = template ? Object.keys(template) : names
  const twice = names.map((name) => `${previousKeys.prefix}${name}`).find((key) => keys.includes(key))
  return twice && `spec.target.previousKeys: ${twice} is a key of the current version, too: use another prefix.`
}
