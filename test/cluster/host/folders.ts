import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { ClusterFailure } from './failure.ts'

/** The repository that this file lies in. */
export const checkout = resolve(import.meta.dirname, '../../..')

/** What survives a cluster: binaries and images, keyed by content and shared by all checkouts of this user. */
export const cacheFolder = (): string =>
  process.env['CUSTOM_CREDENTIALS_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'custom-credentials-operator')

/**
 * What dies with a cluster: data, sockets, logs, process ids. One folder for each checkout, so that two side by side do
 * not meet. Its name can be guessed and it lies in a folder that all may write: one that is not ours alone is refused.
 */
export function stateRoot(): string {
  const folder = join(tmpdir(), `custom-credentials-${digest(checkout).slice(0, 8)}`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const status = lstatSync(folder)
  if (!status.isDirectory() || status.uid !== process.getuid?.() || (status.mode & 0o022) !== 0) {
    throw new ClusterFailure(`${folder} belongs to somebody else`, 'Remove it, or set TMPDIR to a folder of your own.')
  }
  return folder
}

/** SHA-256 in hexadecimal over the parts, each ended by a zero byte so that no two lists of parts meet. */
export function digest(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
