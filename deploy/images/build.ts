import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Command } from 'commander'
import { IMAGES, prepareImages } from './context.ts'

const values = new Command('npm run images --')
  .description(
    `Builds ${Object.keys(IMAGES).length} images with the Docker engine that DOCKER_HOST names: ${names('dev').join(', ')}.`,
  )
  .option('--tag <tag>', 'of the images', 'dev')
  .option('--prepare', 'only compile what goes into them')
  .addHelpText('after', '\nExit code: 0 all were built, 1 one was not, 2 wrong usage.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ tag: string; prepare?: true }>()

function names(tag: string): string[] {
  return Object.keys(IMAGES).map((target) => `custom-credentials-${target}:${tag}`)
}

await prepareImages()
if (!values.prepare) {
  for (const target of Object.keys(IMAGES)) {
    const image = `custom-credentials-${target}:${values.tag}`
    const folder = join(import.meta.dirname, '../..')
    const { status, error } = spawnSync('docker', ['build', '--target', target, '--tag', image, folder], {
      stdio: 'inherit',
    })
    if (error !== undefined) {
      process.stderr.write(
        `✗ docker cannot be started: ${error.message}. Next: install Docker's command line client.\n`,
      )
      process.exit(1)
    }
    if (status !== 0) process.exit(status ?? 1)
  }
}
