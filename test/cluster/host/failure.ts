/** A failure that its reader can act upon: one line on what went wrong, one on what to do next. */
export class ClusterFailure extends Error {
  readonly nextStep: string

  constructor(message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ClusterFailure'
    this.nextStep = nextStep
  }
}
