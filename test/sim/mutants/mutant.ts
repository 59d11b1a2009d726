/** `find` stands exactly once in `file`, and `replace` takes its place. */
export interface Edit {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** A bug planted in the production code. */
export interface Mutant extends Edit {
  readonly name: string
  readonly says: string
  readonly pattern: Pattern
  /** What must go besides, where the API server's own rules (CEL) would refuse what the bug writes. */
  readonly also?: Edit
}

/** Kinds of bugs that operators and credential providers have had, by what goes wrong. */
export type Pattern =
  /** A crash between two writes finds them in the wrong order, or the second one missing. */
  | 'order of writes'
  /** A decision rests on what a cache held a while ago. */
  | 'stale read'
  /** What is not noticed at once is never noticed. */
  | 'missed event'
  /** A write goes over what somebody else has written since. */
  | 'lost update'
  /** A run without an answer is taken to have done what it may not have done. */
  | 'ambiguous outcome'
  /** An obligation, or the evidence for it, gets lost. */
  | 'forgotten'
  /** Something is taken for ours by its name. */
  | 'mistaken identity'
  /** Something is done once more, or in place of something else. */
  | 'repetition'
  /** A wait or a limit is not kept. */
  | 'impatience'
  /** A step that fails is not taken again, or cannot succeed. */
  | 'stuck'
  /** A secret value gets where everybody can read it. */
  | 'leak'
