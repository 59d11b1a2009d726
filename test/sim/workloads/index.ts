import { calendar } from './calendar.ts'
import { consumers } from './consumers.ts'
import { inputs } from './inputs.ts'
import { leaks } from './leaks.ts'
import { legacies } from './legacies.ts'
import { lives } from './lives.ts'
import { machinery } from './machinery.ts'
import { providers } from './providers.ts'
import { targets } from './targets.ts'
import { upstreams } from './upstreams.ts'
import type { Workload } from './workload.ts'

/** In the order in which they are tried. */
export const WORKLOADS: readonly Workload[] = [
  ...lives,
  ...targets,
  ...consumers,
  ...calendar,
  ...leaks,
  ...inputs,
  ...legacies,
  ...providers,
  ...machinery,
  ...upstreams,
]
