/** What the gateway counts; implemented by the metrics adapter, or by nobody. */
export interface Metrics {
  readonly observeStage: (stage: string, milliseconds: number) => void
  readonly countRequest: (facts: {
    readonly frontEnd: string
    readonly status: number
    readonly milliseconds: number
  }) => void
  readonly countError: (code: string) => void
  /** A field that would have been refused, and was let through because policies are only tried out. */
  readonly countDryRunRefusal: (code: string) => void
  readonly countCache: (status: string) => void
  /** What an operation was estimated to cost, or really cost, in units of cost. */
  readonly observeCost: (kind: 'estimated' | 'actual', cost: number) => void
  /** A document was let in, of those that are trusted or not; by the kind of its caller. */
  readonly countDocument: (trust: 'trusted' | 'unlisted', principalKind: string) => void
  readonly observeSubgraphCall: (facts: {
    readonly subgraph: string
    readonly outcome: string
    readonly milliseconds: number
  }) => void
  /** A call that waited for an equal one that was in flight already; it is observed as a call as well. */
  readonly countSharedCall: (subgraph: string) => void
  /** How many WebSockets are open now. */
  readonly showOpenSockets: (open: number) => void
  readonly subscriptionOpened: () => void
  readonly subscriptionEnded: (end: string) => void
  /** An answer of a subscription that its reader took. */
  readonly countSubscriptionEvent: () => void
  /** An attempt to write counts of usage to their store. */
  readonly countUsageFlush: (outcome: 'written' | 'failed') => void
}

export const NO_METRICS: Metrics = {
  observeStage: () => undefined,
  countRequest: () => undefined,
  countError: () => undefined,
  countDryRunRefusal: () => undefined,
  countCache: () => undefined,
  observeCost: () => undefined,
  countDocument: () => undefined,
  observeSubgraphCall: () => undefined,
  countSharedCall: () => undefined,
  showOpenSockets: () => undefined,
  subscriptionOpened: () => undefined,
  subscriptionEnded: () => undefined,
  countSubscriptionEvent: () => undefined,
  countUsageFlush: () => undefined,
}
