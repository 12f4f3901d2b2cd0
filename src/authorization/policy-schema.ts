import { mapSchema } from '@graphql-tools/utils'
import { buildASTSchema, isObjectType, parse, type GraphQLSchema } from 'graphql'
import type { LRUCache } from 'lru-cache'
import type { Denial } from '../kernel/denial.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { PolicySchema } from '../kernel/policy-schema.js'
import type { Supergraph } from '../kernel/supergraph.js'
import { createOutcomeMemo } from './outcome-memo.js'
import { createCheck } from './policy-check.js'
import { toPolicyDocument } from './policy-document.js'
import { PolicyError } from './policy-error.js'
import { PossibleTypes } from './possible-types.js'
import { pruneOperation } from './prune.js'
import { readFeatures } from './supergraph-features.js'
import { addSyntheticResolvers, SyntheticObjects } from './synthetic-resolvers.js'

/**
 * Builds the policy schema of a supergraph (design §4, "Policy schema").
 *
 * Raises PolicyError when it would not cover the API schema, or when a security feature is not understood: a
 * policy with holes is refused before it serves (graphql-js skips unknown fields silently).
 */
export function createPolicySchema(supergraph: Supergraph): PolicySchema {
  const sdl = parse(supergraph.sdl, { noLocation: true })
  const document = toPolicyDocument(sdl, supergraph.apiSchema, readFeatures(sdl))
  const schema = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true })
  assertCovers(schema, supergraph.apiSchema)
  const objects = new SyntheticObjects()
  addSyntheticResolvers(schema, objects)
  const types = new PossibleTypes(schema)
  return {
    check: (transform, toDenial) => {
      // A copy for each: a library that changes the schema in place must not change another library's.
      const transformed = transform(mapSchema(schema, {}))
      assertCovers(transformed, supergraph.apiSchema)
      return createCheck({ plain: schema, transformed, objects }, types, toDenial)
    },
    prune: rememberPruned((operation, denials) => pruneOperation(schema, types, operation, denials)),
  }
}

type Prune = PolicySchema['prune']

interface Pruned {
  readonly record: OperationRecord | null
}

/** The same record for the same outcome, so that later stages find their plans and facts again. */
function rememberPruned(prune: Prune): Prune {
  const known = new WeakMap<OperationRecord, LRUCache<string, Pruned>>()
  return (operation, denials) => {
    if (denials.length === 0) return operation
    const outcomes = known.get(operation) ?? createOutcomeMemo<Pruned>(operation, ({ record }) => record)
    known.set(operation, outcomes)
    const key = outcomeKey(denials)
    const outcome = outcomes.get(key) ?? { record: prune(operation, denials) }
    outcomes.set(key, outcome)
    return outcome.record
  }
}

/** Neither codes nor messages matter for what is left of an operation. */
function outcomeKey(denials: readonly Denial[]): string {
  return denials
    .map((denial) => `${denial.path.join('.')}|${[...denial.parentTypes].sort().join('|')}`)
    .sort()
    .join('\n')
}

function assertCovers(policy: GraphQLSchema, apiSchema: GraphQLSchema): void {
  for (const type of Object.values(apiSchema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    const covered = policy.getType(type.name)
    const fields = isObjectType(covered) ? covered.getFields() : {}
    const missing = Object.keys(type.getFields()).find((name) => fields[name] === undefined)
    if (missing !== undefined) throw new PolicyError(`The policy does not cover ${type.name}.${missing}.`)
  }
}
