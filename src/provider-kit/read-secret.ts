import * as v from 'valibot'
import { recordOf } from '../runtime/record.ts'
import { persist, type Patience } from './delivery.ts'
import { SecretInputError } from './provider.ts'
import type { Answer, TaskClient } from './task-client.ts'

interface Reader {
  readonly client: Pick<TaskClient, 'secret'>
  readonly patience: Patience
  /** By their names: of an input of type `secret_id`, the ID. */
  readonly inputs: Readonly<Record<string, string>>
}

export type SecretValues = Readonly<Record<string, string>>

/** The values of the Secret that the credential names for an input, by key, as they are now. */
export async function readSecret({ client, patience, inputs }: Reader, name: string): Promise<SecretValues> {
  const id = Object.hasOwn(inputs, name) ? inputs[name] : undefined
  if (id === undefined) throw new SecretInputError(`The credential names no Secret for the input ${name}.`)
  const answer = await persist(() => client.secret(id), patience, decided)
  if (answer === 'undecided') throw new SecretInputError(`The Secret for the input ${name} could not be read in time.`)
  if (answer.status !== 200) throw new SecretInputError(`Input ${name}: ${reasonIn(answer)}.`)
  const read = v.safeParse(secret, answer.body)
  if (!read.success)
    throw new SecretInputError(`The Secret for the input ${name} is of a kind that the kit does not know.`)
  return read.output
}

const decided = (answer: Answer): Answer | undefined => ([200, 403, 404].includes(answer.status) ? answer : undefined)

const texts = recordOf(v.string())

/** What the task gateway shows, whose content lies elsewhere with each type. */
const secret = v.pipe(
  v.string(),
  v.parseJson(),
  v.variant('secret_type', [
    v.object({ secret_type: v.literal('kv'), data: texts }),
    v.object({ secret_type: v.literal('custom_credentials'), credentials_content: texts }),
    v.object({ secret_type: v.literal('arbitrary'), payload: v.string() }),
    v.object({ secret_type: v.literal('username_password'), username: v.string(), password: v.string() }),
    v.object({ secret_type: v.literal('imported_cert'), certificate: v.string(), private_key: v.string() }),
  ]),
  v.transform(({ secret_type: type, ...content }): SecretValues => {
    if (type === 'kv' || type === 'custom_credentials') return Object.values(content)[0] as SecretValues
    return content as SecretValues
  }),
)

const refusal = v.pipe(v.string(), v.parseJson(), v.object({ errors: v.array(v.object({ message: v.string() })) }))

function reasonIn({ body, status }: Answer): string {
  const read = v.safeParse(refusal, body)
  return (read.success ? read.output.errors[0]?.message : undefined) ?? `the task gateway answers ${status}`
}
