import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contextOf, IMAGES, prepareImages, type ImageTarget } from '../../deploy/images/context.ts'

const targets = Object.keys(IMAGES) as ImageTarget[]

describe('the content of an image', () => {
  /** Away from the repository: what an image lacks must not be found in `node_modules` of a folder above. */
  let away: string
  beforeAll(async () => {
    await prepareImages()
    away = await mkdtemp(join(tmpdir(), 'images-'))
    for (const target of targets) await cp(contextOf(target), join(away, target), { recursive: true })
  })
  afterAll(() => rm(away, { recursive: true }))

  it.each(targets)('%s: every import is there', async (target) => {
    const folder = join(away, target, 'dist')
    const files = await readdir(folder, { recursive: true })
    // All but the entry point, which would run.
    const modules = files
      .filter((file) => file.endsWith('.js') && file !== IMAGES[target])
      .map((file) => join(folder, file))
    const script = 'for (const module of process.argv.slice(1)) await import(module)'
    expect(modules.length).toBeGreaterThan(10)
    expect(await node(['--input-type=module', '--eval', script, ...modules])).toEqual({ code: 0, output: '' })
  })

  it('operator knows its version', async () => {
    const versionIn = async (file: string) => (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version
    expect(await versionIn(join(away, 'operator', 'package.json'))).toBe(await versionIn('package.json'))
  })

  it('provider-postgres starts, and says that it is not in a task', async () => {
    const { code, output } = await node([join(away, 'provider-postgres', 'dist', IMAGES['provider-postgres'])])
    expect(output).toContain('not started by a task')
    expect(code).toBe(2)
  })

  it('provider-postgres holds the provider, and nothing of the operator', async () => {
    const modules = await readdir(join(away, 'provider-postgres', 'dist'))
    expect(modules.toSorted()).toEqual(['provider-kit', 'providers', 'runtime'])
  })

  it('operator leaves out the client that only a developer needs', async () => {
    expect(await readdir(join(away, 'operator', 'node_modules'))).not.toContain('@kubernetes')
  })

  it('operator logs lines of JSON, also on a terminal', async () => {
    const logger = join(away, 'operator', 'dist', 'observability', 'logger.js')
    const script = `
      process.stdout.isTTY = true
      const { createLogger } = await import(process.argv[1])
      createLogger('info').info({}, 'begun')`
    const { code, output } = await node(['--input-type=module', '--eval', script, logger])
    expect({ code, line: JSON.parse(output) as unknown }).toMatchObject({
      code: 0,
      line: { level: 'info', msg: 'begun' },
    })
  })

  it.each(targets)('%s: is what the Dockerfile copies and starts', async (target) => {
    const dockerfile = await readFile('Dockerfile', 'utf8')
    const stage = dockerfile.split(/^FROM base AS /m).find((text) => text.startsWith(`${target}\n`))
    expect(stage).toContain(`COPY dist/images/${target} ./\n`)
    expect(stage).toContain(`CMD ["node", "dist/${IMAGES[target]}"]\n`)
  })
})

function node(args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: {} }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr })
    })
  })
}
