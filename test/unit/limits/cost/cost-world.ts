import { expect } from '@jest/globals'
import { validate } from 'graphql'
import type { Supergraph } from '../../../../src/kernel/supergraph.js'
import type { VariableValues } from '../../../../src/kernel/operation.js'
import { CostDirectives } from '../../../../src/limits/cost/cost-directives.js'
import { createOperationCosts, type OperationCosts } from '../../../../src/limits/cost/operation-costs.js'
import { FEDERATION_LINK, makeSupergraph } from '../../../support/make-supergraph.js'
import { makeOperation } from '../make-context.js'

export interface CostWorld {
  readonly supergraph: Supergraph
  readonly costs: OperationCosts
  readonly estimate: (source: string, variables?: VariableValues) => number
}

/** The estimates of one subgraph's schema; Apollo's tests use 100 for lists of unknown size. */
export function createCostWorld(typeDefs: string, defaultListSize = 100): CostWorld {
  return costWorldOf(makeSupergraph([{ name: 'a', typeDefs: FEDERATION_LINK + typeDefs }]), defaultListSize)
}

export function costWorldOf(supergraph: Supergraph, defaultListSize = 100): CostWorld {
  const costs = createOperationCosts({
    apiSchema: supergraph.apiSchema,
    directives: new CostDirectives(supergraph),
    defaultListSize,
  })
  const estimate = (source: string, variables: VariableValues = {}) => {
    const operation = makeOperation(source)
    expect(validate(supergraph.apiSchema, operation.document)).toEqual([])
    return costs.estimate(operation, variables)
  }
  return { supergraph, costs, estimate }
}
