interface Limit {
  /** Of a rule. */
  readonly id: string
  readonly why: string
}

/** Rules that are not judged here, for want of facts. */
export const UNJUDGED: readonly Limit[] = [
  ...['S21', 'S22', 'L7'].map((id) => ({ id, why: 'a process does not tell there what its caches hold' })),
  {
    id: 'L10',
    why: 'the processes of a replica bear one name, so that a successor need not wait for the lease: their tries would be counted as one’s',
  },
]

/** Rules that are judged and can hardly be broken, for want of what would tempt the operator. */
export const UNTRIED: readonly Limit[] = [
  { id: 'S19', why: 'nobody else has a Secret by the name of a target' },
  { id: 'S7 logins', why: 'no consumer keeps what it has read beyond the next version: the overlap is not tried' },
  { id: 'S34', why: 'a credentials ID comes from the name of its task, so that no two runs give the same one' },
  {
    id: 'S32',
    why: 'a process that finds no API server when it starts may end: only those that have served are told of',
  },
]
