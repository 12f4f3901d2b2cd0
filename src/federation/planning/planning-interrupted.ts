/** Planning ended without a verdict on the operation: out of time, the planner died, had no room, or was closed. */
export class PlanningInterrupted extends Error {
  override readonly name = 'PlanningInterrupted'
  readonly reason: 'timeout' | 'crash' | 'busy' | 'closed'

  constructor(reason: PlanningInterrupted['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
