import type { LinkedFeature } from './linked-features.js'

const APOLLO_SPECS = 'https://specs.apollo.dev/'

/** Features that this gateway enforces itself, from the full SDL. */
export const ENFORCED_FEATURES: ReadonlySet<string> = new Set(
  ['authenticated', 'requiresScopes', 'policy'].map((name) => APOLLO_SPECS + name),
)

const UNDERSTOOD_FEATURES: ReadonlySet<string> = new Set([
  ...ENFORCED_FEATURES,
  ...['core', 'link', 'join', 'tag', 'inaccessible'].map((name) => APOLLO_SPECS + name),
])

/**
 * Refuses a supergraph that must not be served by who does not understand it (link v1.0, "Purpose").
 *
 * `for: SECURITY` means that data leaks when the feature is not enforced, `for: EXECUTION` that answers are wrong.
 */
export function checkFeatures(features: readonly LinkedFeature[]): void {
  if (!features.some((feature) => feature.identity === `${APOLLO_SPECS}join`)) {
    throw new Error(
      'This is not a supergraph: the schema does not link the join specification. Compose it first.',
    )
  }
  const unknown = features.filter(
    (feature) => feature.purpose !== undefined && !UNDERSTOOD_FEATURES.has(feature.identity),
  )
  if (unknown.length === 0) return
  const list = unknown.map((feature) => `${feature.identity} (for: ${feature.purpose ?? ''})`).join(', ')
  throw new Error(`The supergraph needs features that this gateway does not support: ${list}`)
}
