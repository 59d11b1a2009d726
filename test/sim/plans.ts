import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plan } from './plan.ts'

const FOLDER = join(import.meta.dirname, 'plans')

/** Plans that once broke a rule, or found a planted bug that hardly any other finds, by their names. They are tried first for ever. */
export const committedPlans = (): ReadonlyMap<string, Plan> =>
  new Map(
    readdirSync(FOLDER).map((file) => [
      file.replace('.json', ''),
      JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Plan,
    ]),
  )
