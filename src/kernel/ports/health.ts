/** The state of one thing the gateway depends on. */
export interface DependencyHealth {
  readonly name: string
  readonly state: 'up' | 'degraded' | 'down'
  /** Whether readiness needs it; the gateway serves without the others. */
  readonly required: boolean
  /** One sentence for an operator; no addresses with credentials. */
  readonly detail?: string
}

export interface HealthSource {
  readonly health: () => readonly DependencyHealth[]
}
