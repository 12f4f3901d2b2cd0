import type { Authorized } from '../../kernel/contexts.js'
import type { Explanation } from '../../kernel/explanation.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { OperationRecord } from '../../kernel/operation.js'
import type { LimitStore } from '../../kernel/ports/limit-store.js'
import type { Metrics } from '../../kernel/ports/metrics.js'
import type { Principal } from '../../kernel/principal.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import { tierOf } from '../caller-tier.js'
import { createCostBucket, type TakeCost } from './cost-bucket.js'
import { CostDirectives } from './cost-directives.js'
import { createCountOutcome, type CountOutcome } from './count-outcomes.js'
import { createOperationCosts } from './operation-costs.js'
import type { CostOptions } from './options.js'
import { createCostReport, type CostReport } from './report-cost.js'
import { createSubgraphBudgets, type RefuseSubgraphs } from './subgraph-budgets.js'

export interface CostRulesPorts {
  readonly limitStore: LimitStore
  readonly supergraph: Supergraph
  readonly metrics: Metrics
}

/** What one set of options says of the cost of operations on one graph, and the estimates that were made by it. */
export interface CostRules {
  readonly estimate: (permitted: OperationRecord | null, context: Pick<Authorized, 'variables'>) => number
  /**
   * Raises what an operation of this estimate is refused with.
   *
   * The same whatever else is counted of the caller, so that an operation is not refused today and runs tomorrow.
   */
  readonly admit: (context: Authorized, estimated: number) => void
  readonly maximumOf: (principal: Principal) => number
  /** What each event of a subscription will cost beside what was paid when it was opened. */
  readonly estimateEvent: (context: Pick<Authorized, 'permitted' | 'variables'>) => number
  /** From the caller's bucket, where there is one. */
  readonly take: TakeCost
  /** Undefined where no subgraph has a budget. */
  readonly refuseSubgraphs: RefuseSubgraphs | undefined
  readonly countOutcome: CountOutcome
  /** The same without the root field. */
  readonly countEvent: CountOutcome
  readonly report: CostReport
  readonly explain: (
    context: Pick<Authorized, 'permitted' | 'variables' | 'principal'>,
  ) => Explanation['cost']
}

/** Works the options out for a graph; undefined where cost is off. Raises where a directive or a budget cannot be meant. */
export function createCostRules(
  options: CostOptions,
  { supergraph, metrics, limitStore }: CostRulesPorts,
): CostRules | undefined {
  const { mode } = options
  if (mode === 'off') return undefined
  const isEnforced = mode === 'enforce'
  const directives = new CostDirectives(supergraph)
  directives.assertReadable()
  const { apiSchema, planKey } = supergraph
  const model = { apiSchema, directives, defaultListSize: options.listSize, planKey }
  const costs = createOperationCosts(model)
  const paysEvents = options.bucket.events
  const eventCosts = createOperationCosts({ ...model, isRootFree: true })

  const maximumOf = (principal: Principal): number => options.maximum[tierOf(principal)]
  const estimate: CostRules['estimate'] = (permitted, { variables }) =>
    permitted === null ? 0 : costs.estimate(permitted, variables)
  const assertSliced = ({ permitted, variables }: Pick<Authorized, 'permitted' | 'variables'>): void => {
    if (isEnforced && permitted !== null) costs.assertSliced(permitted, variables)
  }

  return {
    estimate,
    admit: (context, estimated) => {
      metrics.observeCost('estimated', estimated)
      assertSliced(context)
      const maximum = maximumOf(context.principal)
      if (isEnforced && estimated > maximum) throw tooExpensive(estimated, maximum)
    },
    maximumOf,
    estimateEvent: ({ permitted, variables }) =>
      permitted === null || !paysEvents ? 0 : eventCosts.estimate(permitted, variables),
    take: isEnforced ? createCostBucket(options, limitStore) : () => undefined,
    refuseSubgraphs: isEnforced
      ? createSubgraphBudgets(options, supergraph, { ...model, schema: supergraph.schema })
      : undefined,
    countOutcome: createCountOutcome(model),
    countEvent: paysEvents ? createCountOutcome({ ...model, isRootFree: true }) : () => 0,
    report: createCostReport(options),
    explain: (context) => {
      assertSliced(context)
      const estimated = estimate(context.permitted, context)
      return { estimated, maximum: maximumOf(context.principal), mode }
    },
  }
}

function tooExpensive(costEstimated: number, costMaximum: number): GatewayError {
  return new GatewayError(
    'COST_ESTIMATED_TOO_EXPENSIVE',
    `The operation is estimated to cost ${costEstimated}, more than the ${costMaximum} that you may ask at once.`,
    { extensions: { costEstimated, costMaximum } },
  )
}
