import type { GraphQLSchema } from 'graphql'
import type { LRUCache } from 'lru-cache'
import { conditionVariables } from '../kernel/condition-variables.js'
import type { Denial } from '../kernel/denial.js'
import type { OperationRecord, VariableValues } from '../kernel/operation.js'
import type { FieldRequirements } from './field-requirements.js'
import { eachOccurrence } from './occurrences.js'
import { createOutcomeMemo } from './outcome-memo.js'
import type { PossibleTypes } from './possible-types.js'
import type { Requirement } from './requirement.js'

/** What was decided for one operation and one set of circumstances. */
export interface Decision {
  readonly denials: readonly Denial[]
  readonly permitted: OperationRecord | null
}

/** What authorization knows of an operation before it knows who asks. */
export interface OperationFacts {
  /** The different requirements of the directives that the operation touches. */
  readonly requirements: readonly Requirement[]
  /** True when functions decide about a part of it; then every request is asked anew. */
  readonly asksRules: boolean
  /** True when a fragment may show the name of a guarded type. */
  readonly namesGuardedTypes: boolean
  /** Variables in `@skip` and `@include`: they change what is selected (security notes, R9). */
  readonly conditionVariables: readonly string[]
  readonly decisions: LRUCache<string, Decision>
}

/** Where `__typename` would give away an object of a guarded type. */
export interface TypenamePlace {
  readonly path: readonly string[]
  readonly typeName: string
}

export interface PolicySources {
  readonly apiSchema: GraphQLSchema
  readonly types: PossibleTypes
  readonly requirements: FieldRequirements
  /** Fields with a shield rule. */
  readonly ruled: ReadonlySet<string>
}

export function readOperationFacts(operation: OperationRecord, sources: PolicySources): OperationFacts {
  const requirements = new Set<Requirement>()
  let asksRules = false
  eachOccurrence(sources.apiSchema, sources.types, operation, ({ node, parentTypes }) => {
    for (const typeName of parentTypes) {
      const coordinate = `${typeName}.${node.name.value}`
      const requirement = sources.requirements.ofField.get(coordinate)
      if (requirement) requirements.add(requirement)
      asksRules ||= sources.ruled.has(coordinate) || (requirement?.policies.length ?? 0) > 0
    }
  })
  const typenames = guardedTypenames(operation, sources)
  for (const { typeName } of typenames) {
    const requirement = sources.requirements.ofType.get(typeName)
    if (requirement) requirements.add(requirement)
    asksRules ||= (requirement?.policies.length ?? 0) > 0
  }
  return {
    requirements: [...requirements],
    asksRules,
    namesGuardedTypes: typenames.length > 0,
    conditionVariables: conditionVariables(operation.document),
    decisions: createOutcomeMemo<Decision>(operation, ({ permitted }) => permitted),
  }
}

/**
 * Finds each `__typename` written on a guarded type itself and not also on a union or interface around it.
 *
 * A bare `__typename` of a union is allowed; in a fragment on a guarded member it is that member's data
 * (security notes, R8).
 */
export function guardedTypenames(
  operation: OperationRecord,
  sources: PolicySources,
  variables?: VariableValues,
): readonly TypenamePlace[] {
  const guarded = new Map<string, TypenamePlace>()
  const bare = new Set<string>()
  const visitOccurrence = ({ node, path, staticParent, parentTypes }: TypenameOccurrence): void => {
    if (node.name.value !== '__typename' || path.length === 1) return
    for (const typeName of parentTypes) {
      const key = `${path.join('.')}|${typeName}`
      if (sources.types.isAbstract(staticParent)) bare.add(key)
      else if (sources.requirements.ofType.has(typeName)) guarded.set(key, { path, typeName })
    }
  }
  eachOccurrence(sources.apiSchema, sources.types, operation, visitOccurrence, variables)
  return [...guarded].flatMap(([key, place]) => (bare.has(key) ? [] : [place]))
}

type TypenameOccurrence = Parameters<Parameters<typeof eachOccurrence>[3]>[0]
