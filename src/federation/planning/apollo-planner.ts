import { parse } from 'graphql'
import type { Supergraph } from '../../kernel/supergraph.js'
import { toGatewaySdl } from '../supergraph/gateway-sdl.js'
import { fromApolloPlan } from './apollo-plan.js'
import type { Planner } from './planner.js'

/**
 * Plans with Apollo's planner, which is loaded on first use.
 *
 * It runs in this process and takes milliseconds for a large operation, so it is the fallback, not the first choice.
 */
export async function createApolloPlanner(supergraph: Supergraph): Promise<Planner> {
  const [{ default: federation }, { default: queryPlanner }] = await Promise.all([
    import('@apollo/federation-internals'),
    import('@apollo/query-planner'),
  ])
  const graph = federation.Supergraph.build(toGatewaySdl(supergraph))
  const planner = new queryPlanner.QueryPlanner(graph)
  const apiSchema = graph.apiSchema()
  return {
    name: 'apollo',
    // An async function, so that what is thrown becomes a rejection.
    plan: async ({ source }) => {
      const operation = federation.operationFromDocument(apiSchema, parse(source))
      return Promise.resolve(fromApolloPlan(planner.buildQueryPlan(operation)))
    },
  }
}
