import type { KitErrorCode } from './error-codes.ts'
import type { Logger } from '../runtime/logger.ts'

/** The task that this container runs for. */
export interface Run {
  /** `sm-task-<uuid>`: the idempotency key. Derive the upstream name from it, so that `find` can tell what a run made. */
  readonly taskId: string
  /** UID of the credential. */
  readonly secretId: string
  /** Name and namespace of the credential. */
  readonly name: string
  readonly namespace: string
  /** Why the task exists, such as `secret_creation` or `automatic_secret_rotation`. */
  readonly trigger: string
  /** The credential's parameters by their lower_snake name, as text; of one of type `secret_id`, the ID of the Secret. */
  readonly inputs: Readonly<Record<string, string>>
  /**
   * The values, by key, of the Secret that the credential names for an input of type `secret_id`, as they are now: those of a
   * `kubernetes.io/tls` Secret are `certificate` and `private_key`, what is no text is in base64. Throws `SecretInputError`.
   * Use it at once, and log none of it.
   */
  readonly readSecret: (input: string) => Promise<Readonly<Record<string, string>>>
  /** Aborted when the container is told to stop. */
  readonly signal: AbortSignal
  /** JSON lines on standard output. Never hand it a secret. */
  readonly log: Logger
}

export interface DeleteRun extends Run {
  readonly credentialsId: string
  /** The run that made the credential, where the engine tells it. */
  readonly originTaskId?: string
}

export interface FindRun extends Run {
  /** The create run to look for. */
  readonly originTaskId: string
}

/** What a create run hands over. */
export interface Credentials {
  /** Names the credential upstream for its deletion. It is shown in the cluster as metadata: no secret. */
  readonly id: string
  /** The outputs of the provider's schema; numbers are integers. */
  readonly payload: Readonly<Record<string, string | number | boolean>>
}

/** The upstream calls that a credentials provider consists of. */
export interface Provider {
  /**
   * Makes one credential. A Job can start two pods: a name that exists already is left untouched and answered by
   * throwing `CredentialsExistError`. Throws `ProviderError` where nothing was made; any other error means "unknown".
   */
  createCredentials(run: Run): Promise<Credentials>
  /** Deletes one credential. One that does not exist is deleted already: return normally. */
  deleteCredentials(run: DeleteRun): Promise<void>
  /** The IDs of what the create run `originTaskId` made and is still there; declare the capability `find` with it. */
  find?(run: FindRun): Promise<readonly string[]>
  /** Tries the new credential before it is reported; throws where it does not work. */
  verify?(credentials: Credentials, run: Run): Promise<void>
}

/**
 * The upstream said no and nothing was made. `code` (CamelCase, at most 64 characters) and `description` (at most 2048)
 * become the task's error, which everybody who may read tasks sees: no secret in either.
 */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly code: string

  constructor(code: string, description: string, options?: ErrorOptions) {
    super(description, options)
    this.code = code
  }
}

/** A Secret could not be read. Everybody who may read tasks sees why; nothing is said of what was made before. */
export class SecretInputError extends Error {
  override readonly name = 'SecretInputError'
  readonly code = 'SecretInputUnavailable' satisfies KitErrorCode
}

/** What this task is to make exists already: another pod of the same Job made it, and that pod alone knows the secret. */
export class CredentialsExistError extends Error {
  override readonly name = 'CredentialsExistError'
}
