import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty())
const contract = v.object({
  SM_ACTION: v.picklist(['create_credentials', 'delete_credentials']),
  SM_TRIGGER: text,
  SM_INSTANCE_URL: v.pipe(v.string(), v.url(), v.startsWith('https://')),
  SM_SECRET_TASK_ID: v.pipe(v.string(), v.regex(/^sm-task-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)),
  SM_SECRET_ID: text,
  SM_SECRET_NAME: text,
  SM_SECRET_GROUP_ID: text,
  SM_TOKEN_FILE: text,
  SM_CA_FILE: v.optional(text),
  SM_TASK_DEADLINE: v.optional(v.pipe(v.string(), v.isoTimestamp())),
  SM_CREDENTIALS_ID: v.optional(text),
  SM_ORIGIN_TASK_ID: v.optional(text),
})
type Contract = v.InferOutput<typeof contract>

/** What to do. A deletion without a credentials ID asks to find what the create run `originTaskId` made. */
export type Order =
  | { readonly action: 'create' }
  | { readonly action: 'delete'; readonly credentialsId: string; readonly originTaskId?: string }
  | { readonly action: 'find'; readonly originTaskId: string }

export interface Environment {
  readonly order: Order
  readonly task: {
    readonly taskId: string
    readonly secretId: string
    readonly name: string
    readonly namespace: string
    readonly trigger: string
    readonly inputs: Readonly<Record<string, string>>
  }
  readonly instanceUrl: string
  readonly tokenFile: string
  readonly caFile: string | undefined
  /** When the task's time is up, RFC 3339. */
  readonly deadline: string | undefined
}

export type Variables = Readonly<Record<string, string | undefined>>

/** Reads what the engine hands to a task's container. Throws an error that names the variables that are wrong. */
export function readEnvironment(variables: Variables): Environment {
  const read = v.safeParse(contract, variables)
  if (!read.success) throw wrong(read.issues.map((issue) => v.getDotPath(issue) ?? 'SM_ACTION'))
  const env = read.output
  return {
    order: orderOf(env),
    task: {
      taskId: env.SM_SECRET_TASK_ID,
      secretId: env.SM_SECRET_ID,
      name: env.SM_SECRET_NAME,
      namespace: env.SM_SECRET_GROUP_ID,
      trigger: env.SM_TRIGGER,
      inputs: inputsOf(variables),
    },
    instanceUrl: env.SM_INSTANCE_URL,
    tokenFile: env.SM_TOKEN_FILE,
    caFile: env.SM_CA_FILE,
    deadline: env.SM_TASK_DEADLINE,
  }
}

const wrong = (names: readonly string[]) => new Error(`missing or invalid: ${[...new Set(names)].join(', ')}`)

function orderOf({ SM_ACTION, SM_CREDENTIALS_ID: credentialsId, SM_ORIGIN_TASK_ID: originTaskId }: Contract): Order {
  if (SM_ACTION === 'create_credentials') return { action: 'create' }
  if (credentialsId !== undefined) return { action: 'delete', credentialsId, ...(originTaskId && { originTaskId }) }
  if (originTaskId !== undefined) return { action: 'find', originTaskId }
  throw wrong(['SM_CREDENTIALS_ID', 'SM_ORIGIN_TASK_ID'])
}

/** IBM's documentation names an input `SMIN_<NAME>_VALUE`, its samples `SM_<NAME>_VALUE`: the documented name wins. */
function inputsOf(variables: Variables): Record<string, string> {
  const named = (pattern: RegExp) =>
    Object.entries(variables).flatMap(([variable, value]) => {
      const name = pattern.exec(variable)?.[1]?.toLowerCase()
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    })
  return Object.fromEntries([...named(/^SM_([A-Z0-9_]+)_VALUE$/), ...named(/^SMIN_([A-Z0-9_]+)_VALUE$/)])
}
