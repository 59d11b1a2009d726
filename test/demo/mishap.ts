import { cancelRotation, change, remove, show } from './acts.ts'
import { introduce, NAMESPACE, type Scene } from './scene.ts'
import { until } from './view.ts'

const REPORTS = 'reports-db'
const READY = '{.status.conditions[?(@.type=="Ready")].message}'

/** What goes wrong, and how it shows: a database is mistyped and mended, a rotation cancelled, and in the end the object goes. */
export async function mishap(scene: Scene): Promise<void> {
  const { narrator, view, signal } = scene
  const status = () => view.credentials.get({ namespace: NAMESPACE, name: REPORTS })?.status
  narrator.chapter('Meanwhile somebody mistypes a database')
  await introduce(scene, `${REPORTS}.yaml`, NAMESPACE)
  await until('the failure', () => status()?.lastFailure !== undefined, signal)
  await show(scene, 'get', 'ccred', REPORTS, `--output=jsonpath=${READY}`)
  await change(scene, REPORTS, { parameters: { database: 'orders' } })
  await until('its first version', () => status()?.currentVersion === 1, signal)
  narrator.chapter('A rotation is cancelled while its Job is at work')
  await cancelRotation(scene, REPORTS)
  narrator.event('Its record is gone. Its Job is stopped now, and what it may have made is looked for')
  await remove(scene, REPORTS)
  narrator.event('reports-db is gone, and so is its role', 'green')
}
