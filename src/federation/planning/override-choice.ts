/**
 * Which overrides with a label are active, so that their fields come from the new subgraph
 * (Federation 2.7, `@override(from:, label:)`).
 *
 * Plans depend on it: whoever chooses differently gets another plan.
 */
export interface OverrideChoice {
  /** Equal exactly when the same overrides are active; empty where there is nothing to choose. */
  readonly key: string
  /** The named labels that are active. */
  readonly names: ReadonlySet<string>
  /** A label `percent(N)` is active where this is less than N; from 0 to 100. */
  readonly percentage: number
}

/** For supergraphs without labels. */
export const NO_OVERRIDES: OverrideChoice = { key: '', names: new Set(), percentage: 100 }
