import type { Authorized, Charged, Fetched, Planned, Shaped } from '../../kernel/contexts.js'
import type { ChargedCost } from '../../kernel/decisions.js'
import type { ErrorCode } from '../../kernel/error-catalogue.js'
import type { AnswerError } from '../../kernel/gateway-error.js'
import type { RememberedAnswer, ResponseCache } from '../../kernel/response-cache.js'
import { andThenWith, followedBy, isPromise, type Stage } from '../../kernel/stage.js'
import type { GiveBack } from './cost-bucket.js'
import { createCostRules, type CostRules, type CostRulesPorts } from './cost-rules.js'
import type { CostOptions } from './options.js'

/** The parts of the line that deal in cost; of an operation that was admitted with cost off, none of them does anything. */
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
  readonly explain: CostRules['explain']
  /**
   * Works other options out for this graph; what it returns takes them into force. Raises where they do not fit it.
   *
   * Buckets go on; what was estimated by the options before is forgotten with them.
   */
  readonly prepare: (options: CostOptions) => () => void
}

/** The cost of one operation, with the rules that it was admitted by: they hold for it until its end. */
interface RuledCost extends ChargedCost {
  readonly rules: CostRules
}

/** Undefined for an operation that was admitted with cost off. */
function rulesOf({ charge: { cost } }: Charged): CostRules | undefined {
  return cost !== undefined && isRuled(cost) ? cost.rules : undefined
}

/** By its field and not by a class: others spread it into objects of their own. */
function isRuled(cost: ChargedCost): cost is RuledCost {
  return 'rules' in cost
}

type Price = Pick<ChargedCost, 'estimated' | 'paid'>

type PriceOf = (context: Authorized, rules: CostRules) => Price

/** What the estimate took from the bucket. */
interface Payment extends Price {
  readonly rules: CostRules
  readonly priceOf: PriceOf
  readonly giveBack: GiveBack | undefined
}

/**
 * Makes the limits on what operations cost, by `@cost` and `@listSize` (IBM's specification as Apollo implements it).
 *
 * An operation that is estimated to cost more than its caller's maximum is refused before any limit has counted it, and
 * before any subgraph is asked. Of a subscription the bucket pays the root field when it is opened, and what is asked below
 * it with each event. Raises where a directive cannot be meant.
 */
export function createCostLimits(options: CostOptions, ports: CostRulesPorts): CostLimits {
  const { metrics } = ports
  let inForce = createCostRules(options, ports)

  const isSubscription = ({ operation }: Authorized): boolean => operation.type === 'subscription'

  const priceOfAll: PriceOf = (context, rules) => {
    const estimated = rules.estimate(context.permitted, context)
    return {
      estimated,
      paid: isSubscription(context) ? estimated - rules.estimateEvent(context) : estimated,
    }
  }

  const priceOfEvent: PriceOf = (context, rules) => ({
    estimated: rules.estimate(context.permitted, context),
    paid: rules.estimateEvent(context),
  })

  /** What field limits took out of the operation goes back with what turns out not to be needed of the rest. */
  function withCost(before: Authorized, payment: Payment, after: Charged): Charged {
    const { rules, giveBack, priceOf } = payment
    const isWhole = after.permitted === before.permitted
    const { estimated, paid } = isWhole ? payment : priceOf(after, rules)
    const saved = payment.paid - paid
    const returned = giveBack && saved !== 0 ? (unused: number) => giveBack(unused + saved) : giveBack
    const maximum = rules.maximumOf(after.principal)
    const cost: RuledCost = { rules, estimated, paid, maximum, giveBack: returned }
    return { ...after, charge: { ...after.charge, cost } }
  }

  function paying(
    fieldLimits: Stage<Authorized, Charged>,
    priceOf: PriceOf,
    admit: (context: Authorized, rules: CostRules, estimated: number) => void,
  ): Stage<Authorized, Charged> {
    const taken = (giveBack: GiveBack | undefined, context: Authorized, payment: Omit<Payment, 'giveBack'>) =>
      countFields(fieldLimits, context, { ...payment, giveBack })
    return {
      name: fieldLimits.name,
      run: (context) => {
        const rules = inForce
        if (rules === undefined) return fieldLimits.run(context)
        const { estimated, paid } = priceOf(context, rules)
        admit(context, rules, estimated)
        return andThenWith(rules.take(context, paid), taken, context, { rules, priceOf, estimated, paid })
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
    cost?.giveBack?.(failed ? 0 : cost.paid - actual)
  }

  return {
    charge: (fieldLimits) =>
      paying(fieldLimits, priceOfAll, (context, rules, estimated) => rules.admit(context, estimated)),
    chargeEvent: (fieldLimits) => paying(fieldLimits, priceOfEvent, () => undefined),
    remember: (cache) => {
      const hit = (remembered: RememberedAnswer | undefined, context: Charged) => {
        const rules = rulesOf(context)
        if (remembered === undefined || rules === undefined) return remembered
        metrics.observeCost('actual', 0)
        settle(context, 0)
        rules.report.seal(context)
        return { ...remembered, answer: rules.report.tell(context, 0, remembered.answer) }
      }
      return {
        read: (context) => andThenWith(cache.read(context), hit, context),
        write: (context) => {
          cache.write(context)
          rulesOf(context)?.report.seal(context)
        },
      }
    },
    plan: (plan) =>
      followedBy(plan, (planned) => {
        const refuseSubgraphs = rulesOf(planned)?.refuseSubgraphs
        return refuseSubgraphs === undefined
          ? planned
          : { ...planned, refusedSubgraphs: refuseSubgraphs(planned) }
      }),
    count: (shape) =>
      followedBy(shape, (shaped) => {
        const rules = rulesOf(shaped)
        if (rules === undefined) return shaped
        const actualCost = rules.countOutcome(shaped)
        metrics.observeCost('actual', actualCost)
        const usedCost = isSubscription(shaped) ? rules.countEvent(shaped) : actualCost
        settle(shaped, usedCost, shaped.outcome.errors.some(hasWorked))
        return {
          ...shaped,
          actualCost,
          usedCost,
          answer: rules.report.tell(shaped, actualCost, shaped.answer),
        }
      }),
    explain: (context) => inForce?.explain(context),
    prepare: (next) => {
      const rules = createCostRules(next, ports)
      return () => {
        inForce = rules
      }
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
