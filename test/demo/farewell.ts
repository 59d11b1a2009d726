import { introduce, type Scene } from './scene.ts'
import { until } from './view.ts'

/** A namespace is deleted with a login in it. No task can be made there any more: what is owed outlives it. */
export async function farewell(scene: Scene): Promise<void> {
  const { world, narrator, diary, signal } = scene
  const isGone = () => diary.orphansGone.some(({ spec }) => spec.credential.namespace === 'trial')
  narrator.chapter('A namespace goes with a login in it')
  await introduce(scene, 'trial.yaml')
  await world.kubectl(['--namespace=trial', 'wait', '--for=condition=Ready', 'ccred/trial-db', '--timeout=240s'])
  narrator.command('kubectl delete namespace trial')
  await world.kubectl(['delete', 'namespace', 'trial', '--timeout=240s'])
  narrator.event('Namespace trial is gone')
  await until('the end of what it has left', isGone, signal)
}
