/**
 * Provider kit: everything of a credentials provider but the upstream calls. The kit reads the task from the environment,
 * runs the provider, reports to the task gateway until an answer decides, and deletes a credential that was refused.
 *
 * ```ts
 * import { CredentialsExistError, ProviderError, runProvider } from './provider-kit/index.ts'
 *
 * runProvider({
 *   async createCredentials({ taskId, inputs, readSecret }) {
 *     const { password } = await readSecret('admin') // an input of type secret_id; before anything is made
 *     const answer = await upstream.createToken({ password, name: taskId, scope: inputs['scope'] })
 *     if (answer.status === 409) throw new CredentialsExistError()
 *     if (answer.status === 403) throw new ProviderError('ScopeDenied', 'The login may not grant this scope.')
 *     return { id: taskId, payload: { token: answer.token } }
 *   },
 *   async deleteCredentials({ credentialsId }) {
 *     await upstream.deleteToken(credentialsId) // not found: return normally
 *   },
 *   async find({ originTaskId }) {
 *     return (await upstream.hasToken(originTaskId)) ? [originTaskId] : []
 *   },
 * })
 * ```
 */
export { ExitCode } from './exit-code.ts'
export { runProvider } from './run-provider.ts'
export { runTask, type Host } from './run-task.ts'
export {
  CredentialsExistError,
  ProviderError,
  SecretInputError,
  type Credentials,
  type DeleteRun,
  type FindRun,
  type Provider,
  type Run,
} from './provider.ts'
