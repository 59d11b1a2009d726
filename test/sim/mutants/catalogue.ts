import { condemned } from './condemned.ts'
import { deliveries } from './deliveries.ts'
import { endings } from './endings.ts'
import { expiry } from './expiry.ts'
import { holds } from './holds.ts'
import { formers } from './formers.ts'
import { inputs } from './inputs.ts'
import { leaks } from './leaks.ts'
import { ledger } from './ledger.ts'
import { legacies } from './legacies.ts'
import { locks } from './locks.ts'
import { machinery } from './machinery.ts'
import { merging } from './merging.ts'
import type { Mutant } from './mutant.ts'
import { provider } from './provider.ts'
import { renderings } from './renderings.ts'
import { reports } from './reports.ts'
import { restarts } from './restarts.ts'
import { rights } from './rights.ts'
import { runs } from './runs.ts'
import { turns } from './turns.ts'

/** Every bug that the simulator has to find. */
export const MUTANTS: readonly Mutant[] = [
  ...runs,
  ...reports,
  ...ledger,
  ...deliveries,
  ...restarts,
  ...renderings,
  ...formers,
  ...merging,
  ...endings,
  ...expiry,
  ...machinery,
  ...provider,
  ...leaks,
  ...turns,
  ...locks,
  ...condemned,
  ...legacies,
  ...inputs,
  ...rights,
  ...holds,
]
