import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { text } from 'node:stream/consumers'

import { ClusterFailure } from './failure.ts'

export interface CommandOptions {
  cwd?: string
  /** Added to this process's own environment. */
  env?: Record<string, string>
  /** Fed to the command's standard input: a string, or a file by its path. */
  input?: string | { file: string }
  /** What a person can do if the command fails; by default to read its output. */
  nextStep?: string
}

/** How much of a failed command's output its error repeats. */
const TAIL_LINES = 15

/**
 * Runs a command to its end and returns what it wrote to standard output.
 * @throws ClusterFailure with the last lines of its output if it cannot be started or ends other than with 0.
 */
export async function run(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  // Always a pipe on all three: an empty input is one that ends at once.
  const child = spawn(file, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: 'pipe' })
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve(code ?? signal ?? 'unknown')
    })
  })
  feed(child.stdin, options.input ?? '')
  const [ending, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]).catch(
    (cause: unknown) => {
      throw new ClusterFailure(`${file} cannot be started`, options.nextStep ?? `Install ${file}.`, { cause })
    },
  )
  if (ending !== 0) {
    const shown = [file, ...args].join(' ').slice(0, 200)
    const tail = `${stdout}\n${stderr}`.trim().split('\n').slice(-TAIL_LINES).join('\n')
    throw new ClusterFailure(`${shown} ended with ${ending}:\n${tail}`, options.nextStep ?? 'Read its output above.')
  }
  return stdout
}

/** True if the command ends with 0; neither its output nor its absence matters. */
export async function succeeds(file: string, args: readonly string[], options: CommandOptions = {}): Promise<boolean> {
  return run(file, args, options).then(
    () => true,
    () => false,
  )
}

function feed(stdin: NodeJS.WritableStream, input: string | { file: string }): void {
  // A command that ends before it has read all its input says so by its exit code.
  stdin.on('error', () => undefined)
  if (typeof input === 'string') stdin.end(input)
  else createReadStream(input.file).pipe(stdin)
}
