import type { SecretTask } from '../../src/api/generated.ts'
import { annotation } from '../../src/api/labels.ts'
import { type Key, keyOf } from '../../src/api/meta.ts'
import { type Demo, IN_SHOP, NAMESPACE, type Told } from './scene.ts'
import { until } from './view.ts'

/** Types a command on behalf of the team, and shows it. */
export function type({ world, narrator }: Demo, ...args: readonly string[]): Promise<string> {
  narrator.command(`kubectl ${args.map((arg) => (/[{"]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`)
  return world.kubectl([IN_SHOP, ...args])
}

/** The same, and what it answers. */
export async function show(demo: Demo, ...args: readonly string[]): Promise<void> {
  demo.narrator.quote(await type(demo, ...args))
}

export const change = (demo: Demo, name: string, spec: object): Promise<string> =>
  type(demo, 'patch', 'ccred', name, '--type=merge', '--patch', JSON.stringify({ spec }))

export const rotateNow = (scene: Told, name: string): Promise<string> => {
  const request = new Date(scene.now()).toISOString()
  return type(scene, 'annotate', 'ccred', name, '--overwrite', `${annotation.rotateRequestedAt}=${request}`)
}

/** Cancels the task of a rotation while it is at work: as often as it takes, for a run may be faster than its cancellation. */
export async function cancelRotation(scene: Told, name: string): Promise<void> {
  const { diary, view, signal } = scene
  const isAtWork = ({ spec, status }: SecretTask): boolean =>
    spec.credential.name === name && spec.type === 'create_credentials' && status.state === 'processing'
  const before = diary.cancels
  while (diary.cancels === before) {
    await rotateNow(scene, name)
    let key: Key = { name }
    await until(
      `a rotation of ${name}`,
      () => {
        const task = view.tasks.list().find(isAtWork)
        if (task !== undefined) key = keyOf(task)
        return task !== undefined
      },
      signal,
    )
    await type(scene, 'delete', 'stask', key.name, '--wait=false')
    await until('the end of its task', () => view.tasks.get(key) === undefined, signal)
  }
}

/** Resolves when the credential is gone, and with it all that it stands for. */
export async function remove(scene: Told, name: string): Promise<void> {
  await type(scene, 'delete', 'ccred', name, '--wait=false')
  const isGone = () => scene.view.credentials.get({ namespace: NAMESPACE, name }) === undefined
  await until(`the end of ${name}`, isGone, scene.signal)
}
