/** What the README tells of a reason: in which conditions it stands, what it means, and what a person can do. */
export interface Explanation {
  readonly conditions: readonly (
    | 'Ready'
    | 'Rotating'
    | 'RotationFailed'
    | 'RestartFailed'
    | 'RemovalFailed'
    | 'AtRisk'
    | 'UpToDate'
    | 'Suspended'
    | 'Locked'
    | 'RotationBlocked'
    | 'DeletionBlocked'
    | 'ExpiryBlocked'
    | 'Revoking'
  )[]
  /** No time heals it: a person must act, and `Stalled` says so, too. */
  readonly stalls?: true
  readonly means: string
  readonly remedy: string
}
