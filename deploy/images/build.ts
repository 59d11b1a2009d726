import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { IMAGES, prepareImages } from './context.ts'

/** `npm run images [-- --tag TAG] [-- --prepare]`: builds all images with the Docker engine that DOCKER_HOST names. */
const { values } = parseArgs({
  options: { tag: { type: 'string', default: 'dev' }, prepare: { type: 'boolean', default: false } },
})

await prepareImages()
if (!values.prepare) {
  for (const target of Object.keys(IMAGES)) {
    const image = `custom-credentials-${target}:${values.tag}`
    const folder = join(import.meta.dirname, '../..')
    const { status, error } = spawnSync('docker', ['build', '--target', target, '--tag', image, folder], {
      stdio: 'inherit',
    })
    if (error !== undefined) throw new Error(`Docker cannot be started: ${error.message}`)
    if (status !== 0) process.exit(status ?? 1)
  }
}
