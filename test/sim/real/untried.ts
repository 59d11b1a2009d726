/**
 * Every rule is judged here, for a real world gives every fact that a rule reads. These are judged and can hardly be
 * broken, for want of what would tempt the operator.
 */
export const UNTRIED: readonly { readonly id: string; readonly why: string }[] = [
  { id: 'S19', why: 'nobody else has a Secret by the name of a target' },
  { id: 'S7 logins', why: 'no consumer keeps what it has read beyond the next version: the overlap is not tried' },
  { id: 'S34', why: 'a credentials ID comes from the name of its task, so that no two runs give the same one' },
  {
    id: 'S32',
    why: 'a process that finds no API server when it starts may end: only those that have served are told of',
  },
]
