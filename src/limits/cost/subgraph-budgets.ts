import type { Planned } from '../../kernel/contexts.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import type { CostOptions } from './options.js'
import { createEstimateSubgraphs, type SubgraphCostModel } from './subgraph-costs.js'

/** Finds the subgraphs that an operation may not ask, each with the reason; undefined where it may ask all. */
export type RefuseSubgraphs = (context: Planned) => ReadonlyMap<string, GatewayError> | undefined

/**
 * Makes the budgets of subgraphs: one for which the fetches of a plan are estimated too expensive is not asked, and the
 * rest is answered.
 *
 * Undefined where no subgraph has a budget. Raises where one has that the supergraph does not know: it would protect
 * nothing.
 */
export function createSubgraphBudgets(
  { subgraphs }: CostOptions,
  { subgraphs: known }: Pick<Supergraph, 'subgraphs'>,
  model: SubgraphCostModel,
): RefuseSubgraphs | undefined {
  const budgets = Object.entries(subgraphs)
  if (budgets.length === 0) return undefined
  for (const [name] of budgets) {
    if (known.some((subgraph) => subgraph.name === name)) continue
    throw new Error(`limits.cost.subgraphs names ${name}, which is no subgraph of the supergraph.`)
  }
  const estimate = createEstimateSubgraphs(model)
  return (context) => {
    if (context.plan.node === undefined) return undefined
    const costs = estimate(context)
    let refused: Map<string, GatewayError> | undefined
    for (const [name, { maximum }] of budgets) {
      const cost = costs.get(name) ?? 0
      if (cost <= maximum) continue
      refused ??= new Map()
      refused.set(name, tooExpensive(name, cost, maximum))
    }
    return refused
  }
}

function tooExpensive(name: string, costEstimated: number, costMaximum: number): GatewayError {
  return new GatewayError(
    'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE',
    `What is asked of subgraph '${name}' is estimated to cost ${costEstimated}, more than the ${costMaximum} that one operation may ask of it.`,
    { extensions: { costEstimated, costMaximum } },
  )
}
