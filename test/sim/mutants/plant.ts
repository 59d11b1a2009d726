import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mutant } from './mutant.ts'

/** The files that the mutant changes, as they are with the bug. Throws where a text to change does not stand exactly once. */
export function plant({ name, also, ...edit }: Mutant, root: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const { file, find, replace } of also === undefined ? [edit] : [edit, also]) {
    const parts = (files.get(file) ?? readFileSync(join(root, file), 'utf8')).split(find)
    if (parts.length !== 2) throw new Error(`${name}: its text must stand exactly once in ${file}`)
    files.set(file, parts.join(replace))
  }
  return files
}

/** Plants the bug in the copy of the project at `root`. */
export function plantIn(root: string, mutant: Mutant): void {
  for (const [file, text] of plant(mutant, root)) writeFileSync(join(root, file), text)
}
