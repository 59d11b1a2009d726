// The way in from a fresh clone: the commands that the README names start here, on whatever Node the machine has. Installs the
// npm packages when they are missing or older than the lock file, then goes on in Node 24, which is one of them.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..')
const marker = join(root, 'node_modules/.installed-from')
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex')

if (!existsSync(marker) || readFileSync(marker, 'utf8') !== lock) {
  process.stderr.write('… Installing npm packages\n')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (npm.status !== 0) {
    process.stderr.write('✗ npm ci failed. Next: see its output above; it needs npm and the npm registry.\n')
    process.exit(1)
  }
  writeFileSync(marker, lock)
}

const node = join(root, 'node_modules/node/bin/node')
const [script, ...args] = process.argv.slice(2)
const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH ?? ''}`
const child = spawn(existsSync(node) ? node : process.execPath, [join(root, script), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
})
// What the child has started it takes down when told to stop; this process waits for that. Ctrl-C reaches both by itself.
process.on('SIGINT', () => undefined)
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.once('exit', (code) => process.exit(code ?? 1))
