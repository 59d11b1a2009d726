import type { Invariant } from '../observe/invariant.ts'
import { accounting } from './accounting.ts'
import { bounds } from './bounds.ts'
import { caches } from './caches.ts'
import { cancels } from './cancels.ts'
import { consumers } from './consumers.ts'
import { deletions } from './deletions.ts'
import { delivery } from './delivery.ts'
import { endings } from './endings.ts'
import { exposures } from './exposures.ts'
import { holds } from './holds.ts'
import { formers } from './formers.ts'
import { inputs } from './inputs.ts'
import { keeping } from './keeping.ts'
import { locks } from './locks.ts'
import { merging } from './merging.ts'
import { paces } from './paces.ts'
import { processes } from './processes.ts'
import { reports } from './reports.ts'
import { rest } from './rest.ts'
import { restarts } from './restarts.ts'
import { revoking } from './revoking.ts'
import { rights } from './rights.ts'
import { runs } from './runs.ts'
import { secrets } from './secrets.ts'
import { turns } from './turns.ts'
import { windows } from './windows.ts'

/** The rules that every run of every world is judged by. */
export const INVARIANTS: readonly Invariant[] = [
  ...runs,
  ...accounting,
  ...deletions,
  ...delivery,
  ...formers,
  ...merging,
  ...consumers,
  ...restarts,
  ...reports,
  ...keeping,
  ...endings,
  ...rights,
  ...holds,
  ...processes,
  ...secrets,
  ...inputs,
  ...paces,
  ...cancels,
  ...bounds,
  ...exposures,
  ...revoking,
  ...windows,
  ...turns,
  ...locks,
  ...caches,
  ...rest,
]

/** The rules, or parts of rules, that no checker judges: their feature does not exist yet, or facts cannot tell. */
export const NOT_YET: readonly { readonly id: string; readonly why: string }[] = [
  {
    id: 'S27',
    why: 'no feature yet: there is no second store to agree with',
  },
  {
    id: 'S30 counts',
    why: 'compares two runs: test/unit/sim/counts.test.ts does, for faults that call for nothing else',
  },
  {
    id: 'L1 quiet',
    why: 'a day of watching after each plan would take too long; test/unit/sim/quiet.test.ts does so after whole lives',
  },
  { id: 'L6', why: 'compares two runs: test/unit/sim/paths.test.ts does, for specs that are edited' },
]
