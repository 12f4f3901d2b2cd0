import type { Authorized, Charged, Fetched, Planned, Shaped } from '../../kernel/contexts.js'
import type { Explanation } from '../../kernel/explanation.js'
import type { ErrorCode } from '../../kernel/error-catalogue.js'
import { GatewayError, type AnswerError } from '../../kernel/gateway-error.js'
import type { OperationRecord } from '../../kernel/operation.js'
import type { LimitStore } from '../../kernel/ports/limit-store.js'
import type { Metrics } from '../../kernel/ports/metrics.js'
import type { RememberedAnswer, ResponseCache } from '../../kernel/response-cache.js'
import { andThenWith, followedBy, isPromise, type Stage } from '../../kernel/stage.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import { tierOf } from '../caller-tier.js'
import { createCostBucket, type GiveBack } from './cost-bucket.js'
import { CostDirectives } from './cost-directives.js'
import { createCountOutcome } from './count-outcomes.js'
import { createOperationCosts } from './operation-costs.js'
import type { CostOptions } from './options.js'
import { createCostReport } from './report-cost.js'
import { createSubgraphBudgets } from './subgraph-budgets.js'

/** The parts of the line that deal in cost; where cost is off, each returns what it was given. */
export interface CostLimits {
  /**
   * Estimates and charges before field limits count, so that what the bucket refuses counts at no field; what they take
   * out of the operation is not paid.
   */
  readonly charge: (fieldLimits: Stage<Authorized, Charged>) => Stage<Authorized, Charged>
  /** Charges for one event of a subscription what is asked below the root field, which was paid at the opening. */
  readonly chargeEvent: (fieldLimits: Stage<Authorized, Charged>) => Stage<Authorized, Charged>
  /** Answers from the cache cost nothing. */
  readonly remember: (cache: ResponseCache) => ResponseCache
  /** Finds the subgraphs for which the plan is too expensive: fetch leaves them out. */
  readonly plan: (plan: Stage<Charged, Planned>) => Stage<Charged, Planned>
  /** Counts what subgraphs gave, and tells it. */
  readonly count: (shape: Stage<Fetched, Shaped>) => Stage<Fetched, Shaped>
  /** What an operation would cost a caller; raises what its arguments would be refused with. */
  readonly explain: (
    context: Pick<Authorized, 'permitted' | 'variables' | 'principal'>,
  ) => Explanation['cost']
}

export interface CostLimitsPorts {
  readonly limitStore: LimitStore
  readonly supergraph: Supergraph
  readonly metrics: Metrics
}

interface Prices {
  /** The whole operation. */
  readonly estimated: number
  /** What of it is to be paid now. */
  readonly paid: number
}

/** What the estimate took from the bucket. */
interface Payment extends Prices {
  readonly giveBack: GiveBack | undefined
}

const NO_COST_LIMITS: CostLimits = {
  charge: (fieldLimits) => fieldLimits,
  chargeEvent: (fieldLimits) => fieldLimits,
  remember: (cache) => cache,
  plan: (plan) => plan,
  count: (shape) => shape,
  explain: () => undefined,
}

/**
 * Makes the limits on what operations cost, by `@cost` and `@listSize` (IBM's specification as Apollo implements it).
 *
 * An operation that is estimated to cost more than its caller's maximum is refused before any limit has counted it, and
 * before any subgraph is asked. Of a subscription the bucket pays the root field when it is opened, and what is asked below
 * it with each event. Raises where a directive cannot be meant.
 */
export function createCostLimits(
  options: CostOptions,
  { supergraph, metrics, limitStore }: CostLimitsPorts,
): CostLimits {
  if (options.mode === 'off') return NO_COST_LIMITS
  const isEnforced = options.mode === 'enforce'
  const directives = new CostDirectives(supergraph)
  directives.assertReadable()
  const { apiSchema, planKey } = supergraph
  const model = { apiSchema, directives, defaultListSize: options.listSize, planKey }
  const costs = createOperationCosts(model)
  const countOutcome = createCountOutcome(model)
  const paysEvents = isEnforced && options.bucket.enabled && options.bucket.events
  const eventCosts = createOperationCosts({ ...model, isRootFree: true })
  const countEvent = createCountOutcome({ ...model, isRootFree: true })
  const report = createCostReport(options)
  const refuseSubgraphs = isEnforced
    ? createSubgraphBudgets(options, supergraph, { ...model, schema: supergraph.schema })
    : undefined
  const take = isEnforced ? createCostBucket(options, limitStore) : () => undefined

  const estimateOf = (permitted: OperationRecord | null, { variables }: Pick<Authorized, 'variables'>) =>
    permitted === null ? 0 : costs.estimate(permitted, variables)

  /** The same whatever else is counted of the caller, so that an operation is not refused today and runs tomorrow. */
  function admit(context: Authorized): number {
    const { permitted, variables, principal } = context
    const estimated = estimateOf(permitted, context)
    metrics.observeCost('estimated', estimated)
    if (!isEnforced || permitted === null) return estimated
    costs.assertSliced(permitted, variables)
    const maximum = options.maximum[tierOf(principal)]
    if (estimated > maximum) throw tooExpensive(estimated, maximum)
    return estimated
  }

  /** What each event will cost beside what was paid when the subscription was opened. */
  const estimateEvent = ({ permitted, variables }: Pick<Authorized, 'permitted' | 'variables'>): number =>
    permitted === null || !paysEvents ? 0 : eventCosts.estimate(permitted, variables)

  const isSubscription = ({ operation }: Authorized): boolean => operation.type === 'subscription'

  /** What field limits took out of the operation goes back with what turns out not to be needed of the rest. */
  function withCost(before: Authorized, payment: Payment, after: Charged): Charged {
    const { giveBack } = payment
    const isWhole = after.permitted === before.permitted
    const estimated = isWhole ? payment.estimated : estimateOf(after.permitted, after)
    const saved = payment.estimated - estimated
    const maximum = options.maximum[tierOf(after.principal)]
    const returned = giveBack && saved !== 0 ? (unused: number) => giveBack(unused + saved) : giveBack
    return { ...after, charge: { ...after.charge, cost: { estimated, maximum, giveBack: returned } } }
  }

  function priceOfAll(context: Authorized): Prices {
    const estimated = admit(context)
    return { estimated, paid: isSubscription(context) ? estimated - estimateEvent(context) : estimated }
  }

  const priceOfEvent = (context: Authorized): Prices => ({
    estimated: estimateOf(context.permitted, context),
    paid: estimateEvent(context),
  })

  function paying(
    fieldLimits: Stage<Authorized, Charged>,
    priceOf: (context: Authorized) => Prices,
  ): Stage<Authorized, Charged> {
    const taken = (giveBack: GiveBack | undefined, context: Authorized, prices: Prices) =>
      countFields(fieldLimits, context, { ...prices, giveBack })
    return {
      name: fieldLimits.name,
      run: (context) => {
        const prices = priceOf(context)
        return andThenWith(take(context, prices.paid), taken, context, prices)
      },
    }
  }

  function countFields(
    fieldLimits: Stage<Authorized, Charged>,
    context: Authorized,
    payment: Payment,
  ): Charged | Promise<Charged> {
    const refused = (error: unknown): never => {
      payment.giveBack?.(payment.paid)
      throw error
    }
    try {
      const counted = fieldLimits.run(context)
      return isPromise(counted)
        ? counted.then((after) => withCost(context, payment, after), refused)
        : withCost(context, payment, counted)
    } catch (error) {
      return refused(error)
    }
  }

  /**
   * Where a subgraph failed, nobody knows what its work was: nothing of the estimate is given back, or a query that fails
   * on purpose would be free.
   */
  function settle({ charge: { cost } }: Charged, actual: number, failed = false): void {
    metrics.observeCost('actual', actual)
    cost?.giveBack?.(failed ? 0 : cost.estimated - actual)
  }

  function settleShaped(shaped: Shaped, actual: number): void {
    const failed = shaped.outcome.errors.some(hasWorked)
    if (!isSubscription(shaped)) {
      settle(shaped, actual, failed)
      return
    }
    metrics.observeCost('actual', actual)
    const { giveBack } = shaped.charge.cost ?? {}
    if (giveBack) giveBack(failed ? 0 : estimateEvent(shaped) - countEvent(shaped))
  }

  return {
    charge: (fieldLimits) => paying(fieldLimits, priceOfAll),
    chargeEvent: (fieldLimits) => paying(fieldLimits, priceOfEvent),
    remember: (cache) => {
      const hit = (remembered: RememberedAnswer | undefined, context: Charged) => {
        if (remembered === undefined) return undefined
        settle(context, 0)
        report.seal(context)
        return { ...remembered, answer: report.tell(context, 0, remembered.answer) }
      }
      return {
        read: (context) => andThenWith(cache.read(context), hit, context),
        write: (context) => {
          cache.write(context)
          report.seal(context)
        },
      }
    },
    plan: (plan) => {
      if (refuseSubgraphs === undefined) return plan
      return followedBy(plan, (planned) => ({ ...planned, refusedSubgraphs: refuseSubgraphs(planned) }))
    },
    count: (shape) =>
      followedBy(shape, (shaped) => {
        const actualCost = countOutcome(shaped)
        settleShaped(shaped, actualCost)
        return { ...shaped, actualCost, answer: report.tell(shaped, actualCost, shaped.answer) }
      }),
    explain: (context) => {
      const { permitted, variables, principal } = context
      if (isEnforced && permitted !== null) costs.assertSliced(permitted, variables)
      const estimated = estimateOf(permitted, context)
      const maximum = options.maximum[tierOf(principal)]
      return { estimated, maximum, mode: options.mode === 'enforce' ? 'enforce' : 'measure' }
    },
  }
}

/** Codes of subgraphs that were never asked. */
const NOT_ASKED: ReadonlySet<string> = new Set<ErrorCode>([
  'SUBGRAPH_UNAVAILABLE',
  'SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE',
])

/** Whether a subgraph may have worked for what came to this error. */
function hasWorked({ extensions }: AnswerError): boolean {
  return !NOT_ASKED.has(extensions.code)
}

function tooExpensive(costEstimated: number, costMaximum: number): GatewayError {
  return new GatewayError(
    'COST_ESTIMATED_TOO_EXPENSIVE',
    `The operation is estimated to cost ${costEstimated}, more than the ${costMaximum} that you may ask at once.`,
    { extensions: { costEstimated, costMaximum } },
  )
}
