import type { Invariant } from '../observe/invariant.ts'
import { accounting } from './accounting.ts'
import { consumers } from './consumers.ts'
import { deletions } from './deletions.ts'
import { delivery } from './delivery.ts'
import { endings } from './endings.ts'
import { rest } from './rest.ts'
import { runs } from './runs.ts'
import { secrets } from './secrets.ts'

/** The rules that every run of every world is judged by. */
export const INVARIANTS: readonly Invariant[] = [
  ...runs,
  ...accounting,
  ...deletions,
  ...delivery,
  ...consumers,
  ...endings,
  ...secrets,
  ...rest,
]

/** The rules, or parts of rules, that no fact tells about yet. */
export const NOT_YET: readonly { readonly id: string; readonly why: string }[] = [
  { id: 'S12', why: 'facts do not tell who reports, nor which payload' },
  { id: 'S14', why: 'versions cannot be locked' },
  { id: 'S18', why: 'there are no parameters of type secret_id' },
  { id: 'S20', why: 'needs the grants at the time of each resolution' },
  { id: 'S21', why: 'facts do not tell which revision a write was based on' },
  { id: 'S22', why: 'facts do not tell what a cache holds' },
  { id: 'S23', why: 'facts do not tell who leads' },
  { id: 'S24 pace', why: 'facts bear no time' },
  { id: 'S25', why: 'facts do not tell the limits that an operator was started with' },
  { id: 'S26', why: 'runs are too short to reach the limits' },
  { id: 'S27', why: 'there is no second store to agree with' },
  { id: 'S28', why: 'facts bear no time' },
  { id: 'S29', why: 'facts bear no time' },
  { id: 'S30', why: 'compares two runs' },
  { id: 'S31', why: 'the exception for unreachable nodes needs the time' },
  { id: 'S32', why: 'the harness fails on what an operator throws' },
  { id: 'S33 overlap', why: 'facts bear no time' },
  { id: 'S35', why: 'judged by S5 where a world deletes; payloads are not followed' },
  { id: 'S36', why: 'facts do not tell the rights of authors' },
  { id: 'L1 quiet', why: 'needs a day of watching after rest' },
  { id: 'L2 bound', why: 'facts bear no time' },
  { id: 'L3 bound', why: 'facts bear no time' },
  { id: 'L4', why: 'facts bear no time' },
  { id: 'L5 bound', why: 'facts bear no time' },
  { id: 'L6', why: 'compares two runs' },
  { id: 'L7', why: 'facts do not tell what a cache holds' },
  { id: 'L8', why: 'facts bear no time' },
  { id: 'L9', why: 'facts do not tell who leads' },
  { id: 'L10', why: 'facts do not count attempts' },
]
