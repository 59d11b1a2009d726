import { inputId } from '../../../src/api/input-id.ts'
import { SecretTasks } from '../../../src/api/resources.ts'
import { type ContainerProgram, type ContainerRun, readSecret } from './container.ts'
import { kit } from './kit.ts'

/** A provider made with the kit that asks besides, before its work and after it, for all that any run may read. */
export const prying: ContainerProgram = async (run) => {
  await pry(run)
  const code = await kit(run)
  await pry(run)
  return code
}

async function pry(run: ContainerRun): Promise<void> {
  const ids = run.world.server
    .list(SecretTasks)
    .items.flatMap(({ spec: { credential, secretParameters = {} } }) =>
      Object.values(secretParameters).map(({ name }) => inputId(credential.uid, name)),
    )
  for (const id of new Set(ids)) await readSecret(run, id).catch(() => undefined)
}
