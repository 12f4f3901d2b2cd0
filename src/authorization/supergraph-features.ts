import type { DocumentNode } from 'graphql'
import { directiveNames, linkedFeatures, type LinkedFeature } from '../kernel/linked-features.js'
import { PolicyError } from './policy-error.js'

/** The directives that guard fields and types, by the name under which their specification knows them. */
export type GuardName = 'authenticated' | 'requiresScopes' | 'policy'

/** What a supergraph's links say about the names used in it. */
export interface SupergraphFeatures {
  /** What a directive of this document guards by, whatever it is called here. */
  readonly guardOf: (directiveName: string) => GuardName | undefined
  /** True for names that belong to federation itself and are no part of any policy. */
  readonly isMachinery: (directiveName: string) => boolean
}

const APOLLO = 'https://specs.apollo.dev'
const GUARDS: readonly GuardName[] = ['authenticated', 'requiresScopes', 'policy']
const MACHINERY = ['link', 'core', 'join', 'inaccessible']
/** Every `for: SECURITY` feature that this room or the API schema enforces, in the versions it knows. */
const UNDERSTOOD = [...GUARDS, 'inaccessible'].map((name) => `${APOLLO}/${name}`)

/**
 * Resolves directive names through the supergraph's links, as the link specification says (core v0.1 §4, link v1.0).
 *
 * Never by the text `authenticated`: an imported name, one renamed with `as` and an un-imported one guard alike
 * (GHSA-g8jh-vg5j-4h3f). A security feature that nobody here understands stops the load.
 */
export function readFeatures(document: DocumentNode): SupergraphFeatures {
  const features = linkedFeatures(document)
  const misunderstood = features.find(
    (feature) =>
      feature.purpose === 'SECURITY' &&
      !(UNDERSTOOD.includes(feature.identity) && feature.version?.startsWith('v0.') === true),
  )
  if (misunderstood) {
    throw new PolicyError(
      `The supergraph uses ${misunderstood.identity}/${misunderstood.version ?? ''} for SECURITY, which this gateway cannot enforce.`,
    )
  }
  const guards = guardNames(features)
  const machinery = features.filter((feature) =>
    MACHINERY.some((name) => feature.identity === `${APOLLO}/${name}`),
  )
  return {
    guardOf: (name) => guards.get(name),
    isMachinery: (name) =>
      machinery.some((feature) => belongsTo(feature, name)) || /^(join|link|core)(__|$)/.test(name),
  }
}

function guardNames(features: readonly LinkedFeature[]): ReadonlyMap<string, GuardName> {
  const names = new Map<string, GuardName>()
  const claimed = (name: string): boolean =>
    features.some((feature) => !feature.identity.startsWith(APOLLO) && belongsTo(feature, name))
  for (const guard of GUARDS) {
    // A definition that no link claims may come from a composer that forgets links: guarding is the safe reading.
    for (const name of [guard, `federation__${guard}`]) if (!claimed(name)) names.set(name, guard)
    for (const feature of features) {
      if (feature.identity === `${APOLLO}/${guard}`) {
        const isImported = feature.imports.has(`@${guard}`)
        for (const name of directiveNames(feature, guard)) {
          if (isImported || name !== feature.name || !claimed(name)) names.set(name, guard)
        }
      }
      if (feature.identity === `${APOLLO}/federation`) {
        for (const name of directiveNames(feature, guard)) names.set(name, guard)
      }
    }
  }
  return names
}

function belongsTo(feature: LinkedFeature, directiveName: string): boolean {
  return (
    directiveName === feature.name ||
    directiveName.startsWith(`${feature.name}__`) ||
    [...feature.imports.values()].includes(`@${directiveName}`)
  )
}
