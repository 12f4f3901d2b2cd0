import type { Principal } from '../kernel/principal.js'

/** An OR of ANDs, as the directives write it: one inner list must be held in full. */
export type AnyOfAll = readonly (readonly string[])[]

/**
 * What a caller must bring for a field: everything listed here, from the field, its types and its interfaces.
 *
 * The groups of several places are kept side by side rather than multiplied out; each of them must be met.
 */
export interface Requirement {
  readonly authenticated: boolean
  readonly scopes: readonly AnyOfAll[]
  readonly policies: readonly AnyOfAll[]
}

export const NO_REQUIREMENT: Requirement = { authenticated: false, scopes: [], policies: [] }

export function isEmpty(requirement: Requirement): boolean {
  return !requirement.authenticated && requirement.scopes.length === 0 && requirement.policies.length === 0
}

/** The requirement that asks for all of the given ones. */
export function allOf(requirements: readonly Requirement[]): Requirement {
  return {
    authenticated: requirements.some((one) => one.authenticated),
    scopes: distinct(requirements.flatMap((one) => one.scopes)),
    policies: distinct(requirements.flatMap((one) => one.policies)),
  }
}

/**
 * Says whether the caller is somebody, where needed, and holds the scopes; policies are for {@link meets}'s caller.
 *
 * Scopes compare exactly, with no wildcards (RFC 6749 §3.3). An empty OR can be met by nobody.
 */
export function isHeldBy(requirement: Requirement, principal: Principal): boolean {
  if (requirement.authenticated && principal.kind === 'anonymous') return false
  return requirement.scopes.every((anyOf) => meets(anyOf, (scope) => principal.scopes.has(scope)))
}

export function meets(anyOf: AnyOfAll, holds: (name: string) => boolean): boolean {
  return anyOf.some((all) => all.every(holds))
}

/** Says whether two requirements ask for the same; `undefined` when that would take too long to find out. */
export function isEquivalent(one: Requirement, other: Requirement): boolean | undefined {
  if (one.authenticated !== other.authenticated) return false
  const scopes = isSame(one.scopes, other.scopes)
  const policies = isSame(one.policies, other.policies)
  return scopes === undefined || policies === undefined ? undefined : scopes && policies
}

/** Beyond it, multiplying out is not worth the answer. */
const MOST_ALTERNATIVES = 4096

function isSame(one: readonly AnyOfAll[], other: readonly AnyOfAll[]): boolean | undefined {
  const [left, right] = [normalForm(one), normalForm(other)]
  return left === undefined || right === undefined ? undefined : left === right
}

/** The minimal alternatives, sorted: equal texts for equal meanings. */
function normalForm(groups: readonly AnyOfAll[]): string | undefined {
  let alternatives: readonly (readonly string[])[] = [[]]
  for (const anyOf of groups) {
    if (alternatives.length * anyOf.length > MOST_ALTERNATIVES) return undefined
    alternatives = minimal(
      alternatives.flatMap((held) => anyOf.map((all) => [...new Set([...held, ...all])].sort())),
    )
  }
  return JSON.stringify(alternatives.map((all) => JSON.stringify(all)).sort())
}

function minimal(alternatives: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const unique = [...new Map(alternatives.map((all) => [JSON.stringify(all), all])).values()]
  return unique.filter(
    (all) => !unique.some((other) => other !== all && other.every((name) => all.includes(name))),
  )
}

function distinct(groups: readonly AnyOfAll[]): readonly AnyOfAll[] {
  return [...new Map(groups.map((anyOf) => [JSON.stringify(anyOf), anyOf])).values()]
}
