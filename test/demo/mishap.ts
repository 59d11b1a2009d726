import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkout } from '../cluster/host/folders.ts'
import { apply } from './install.ts'
import { IN_SHOP, NAMESPACE, type Scene, show } from './scene.ts'
import { until } from './view.ts'

const MANIFEST = 'deploy/demo/reports-db.yaml'
const REPORTS = { namespace: NAMESPACE, name: 'reports-db' }
const READY = '{.status.conditions[?(@.type=="Ready")].message}'

/** What goes wrong, and how it shows: the database of another credential is mistyped, mended, and in the end the object goes. */
export async function mishap(scene: Scene): Promise<void> {
  const { world, narrator, view, signal } = scene
  const status = () => view.credentials.get(REPORTS)?.status
  narrator.chapter('Meanwhile somebody mistypes a database')
  narrator.quote(readFileSync(join(checkout, MANIFEST), 'utf8'))
  narrator.command('kubectl apply -f reports-db.yaml')
  await apply(world, MANIFEST, NAMESPACE)
  await until('the failure', () => status()?.lastFailure !== undefined, signal)
  await show(scene, ['get', 'ccred', REPORTS.name, `--output=jsonpath=${READY}`])
  const patch = JSON.stringify({ spec: { parameters: { database: 'orders' } } })
  narrator.command(`kubectl patch ccred ${REPORTS.name} --type merge --patch '${patch}'`)
  await world.kubectl([IN_SHOP, 'patch', 'customcredential', REPORTS.name, '--type=merge', '--patch', patch])
  await until('its first version', () => status()?.currentVersion === 1, signal)
  narrator.command(`kubectl delete ccred ${REPORTS.name}`)
  await world.kubectl([IN_SHOP, 'delete', 'customcredential', REPORTS.name, '--timeout=120s'])
  narrator.event('reports-db is gone, and so is its role', 'green')
}
