import { globSync, rmdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Name of the control group below which everything in the containers of a cluster runs, made from its state folder. */
export const controlGroup = (folder: string): string => `${basename(dirname(folder))}-${basename(folder)}`

/** Removes the groups that killed containers leave empty, in each hierarchy (several with version 1), deepest first. */
export function removeControlGroups(folder: string): void {
  const name = controlGroup(folder)
  for (const root of globSync(['/sys/fs/cgroup/' + name, `/sys/fs/cgroup/*/${name}`])) {
    const groups = globSync('**/', { cwd: root }).map((group) => join(root, group))
    for (const group of [...groups, root].sort((a, b) => b.length - a.length)) {
      try {
        rmdirSync(group)
      } catch {
        // A process in it is still ending; an empty group costs nothing, and the next cluster of this name takes it over.
      }
    }
  }
}
