import { execFile, type ChildProcess } from 'node:child_process'
import { expect, it } from 'vitest'
import type { Credentials } from '../../src/provider-kit/index.ts'
import { ADMIN, describeWithPostgres } from '../support/postgres-stage.ts'
import { TaskGateway } from '../unit/provider-kit/task-gateway.ts'

describeWithPostgres('the container of the PostgreSQL provider', (stage) => {
  const environment = (gateway: TaskGateway): Record<string, string> => {
    const { taskId, inputs } = stage().aRun()
    const values = Object.entries(inputs).map(([name, value]): [string, string] => [
      `SMIN_${name.toUpperCase()}_VALUE`,
      value,
    ])
    return {
      ...ADMIN,
      ...Object.fromEntries(values),
      SM_ACTION: 'create_credentials',
      SM_TRIGGER: 'secret_creation',
      SM_INSTANCE_URL: gateway.url,
      SM_SECRET_TASK_ID: taskId,
      SM_SECRET_ID: 'uid-1',
      SM_SECRET_NAME: 'orders',
      SM_SECRET_GROUP_ID: 'shop',
      SM_TOKEN_FILE: gateway.tokenFile,
      SM_CA_FILE: gateway.caFile,
    }
  }

  it('reads its environment, reports, and keeps passwords out of its log', async () => {
    await using gateway = await TaskGateway.start()
    const { code, output } = await container(environment(gateway))
    expect(output).toContain('"delivery":"accepted"')
    expect(code).toBe(0)
    const reported = gateway.received[0]?.body?.['credentials'] as Credentials
    await (await stage().logIn(reported)).end()
    expect(output).not.toContain(reported.payload['password'])
    expect(output).not.toContain(ADMIN.PGPASSWORD)
  })

  it('stops when told to, and leaves a login whose report nobody has answered', async () => {
    await using gateway = await TaskGateway.start()
    let stop: () => void = () => undefined
    gateway.reset([() => (stop(), Promise.resolve(503))])
    const before = await stage().logins()
    const { code } = await container(environment(gateway), (child) => {
      stop = () => child.kill('SIGTERM')
    })
    expect(code).toBe(143)
    expect(await stage().logins()).toBe(before + 1)
  })
})

/** Runs the provider's entry point with this environment and nothing else of ours. */
function container(
  env: Record<string, string>,
  started: (child: ChildProcess) => void = () => undefined,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['src/providers/postgres/main.ts'], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr })
    })
    started(child)
  })
}
