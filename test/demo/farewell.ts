import { introduce, type Scene } from './scene.ts'
import { until } from './view.ts'

/**
 * A namespace is deleted with a login in it. No Job can be made there any more: what is owed outlives it, and is revoked
 * from elsewhere.
 */
export async function farewell(scene: Scene): Promise<void> {
  const { world, narrator, diary, signal } = scene
  narrator.chapter('A namespace goes with a login in it')
  await introduce(scene, 'trial.yaml')
  await world.kubectl(['--namespace=trial', 'wait', '--for=condition=Ready', 'ccred/trial-db', '--timeout=120s'])
  narrator.command('kubectl delete namespace trial')
  const before = diary.orphansGone
  await world.kubectl(['delete', 'namespace', 'trial', '--timeout=120s'])
  narrator.event('Namespace trial is gone')
  await until('the end of what it has left', () => diary.orphansGone > before, signal)
}
