import { show } from './acts.ts'
import { introduce, NAMESPACE, type Told } from './scene.ts'
import { until } from './view.ts'

const AUDIT = 'audit-db'

/** A login that nobody is to rotate. */
export async function arrive(scene: Told): Promise<void> {
  const { view, signal } = scene
  await introduce(scene, `${AUDIT}.yaml`, NAMESPACE)
  const status = () => view.credentials.get({ namespace: NAMESPACE, name: AUDIT })?.status
  await until('the login of the auditor', () => status()?.currentVersion === 1, signal)
}

/** It goes by itself; the object stays, and says so. */
export async function leave(scene: Told): Promise<void> {
  const { diary, narrator, signal } = scene
  await until('the end of the auditor’s login', () => diary.expiries > 0, signal)
  narrator.event('The auditor’s minute is over, and the role is gone', 'green')
  await show(scene, 'get', 'ccred', AUDIT)
}
