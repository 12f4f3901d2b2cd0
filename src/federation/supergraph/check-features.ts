import type { LinkedFeature } from '../../kernel/linked-features.js'

const APOLLO_SPECS = 'https://specs.apollo.dev/'

/** Features that this gateway enforces itself, from the full SDL. */
export const ENFORCED_FEATURES: ReadonlySet<string> = new Set(
  ['authenticated', 'requiresScopes', 'policy'].map((name) => APOLLO_SPECS + name),
)

const UNDERSTOOD_FEATURES: ReadonlySet<string> = new Set([
  ...ENFORCED_FEATURES,
  ...['core', 'link', 'join', 'tag', 'inaccessible'].map((name) => APOLLO_SPECS + name),
])

/** Features that change what operations mean, whatever purpose their link states, and that no planner carries out. */
const REFUSED_FEATURES: ReadonlyMap<string, string> = new Map([
  [
    `${APOLLO_SPECS}context`,
    'This gateway does not support @context and @fromContext: arguments that are to be set from the context would be left out. Take them out of the subgraphs',
  ],
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
  for (const { identity } of features) {
    const reason = REFUSED_FEATURES.get(identity)
    if (reason !== undefined) throw new Error(`${reason} (${identity}).`)
  }
  const unknown = features.filter(
    (feature) => feature.purpose !== undefined && !UNDERSTOOD_FEATURES.has(feature.identity),
  )
  if (unknown.length === 0) return
  const list = unknown.map((feature) => `${feature.identity} (for: ${feature.purpose ?? ''})`).join(', ')
  throw new Error(`The supergraph needs features that this gateway does not support: ${list}`)
}
