import type { Charged, Planned } from '../../kernel/contexts.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import { SYSTEM_CLOCK, type Clock } from '../../kernel/ports/clock.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import type { Stage } from '../../kernel/stage.js'
import type { FederationOptions } from '../options.js'
import { createCanonise } from './canonical-operation.js'
import { choosePlanner, type PlannerPorts } from './choose-planner.js'
import { createOperationMemo } from './operation-memo.js'
import { PlanCache } from './plan-cache.js'
import { createPlanStage } from './plan-stage.js'
import { Plans } from './plans.js'
import type { PlannerName } from './planner.js'
import { warmTexts } from './warm-texts.js'
import { createRollout, type Chooser } from './rollout.js'

/** A plan and how the values of one operation come to stand under the plan's names. */
export interface PlannedOperation {
  readonly plan: QueryPlan
  readonly valuesFor: (variables: VariableValues) => VariableValues
  /** Who made the plan; nobody where nothing has to be fetched. */
  readonly planners: readonly PlannerName[]
}

/** Planning for one supergraph; belongs to its generation. */
export interface Planning {
  readonly stage: Stage<Charged, Planned>
  /**
   * For `explain` and tests; uses and fills the same cache as the stage. Without a caller no percentage of an
   * `@override(label:)` is reached.
   */
  readonly plan: (record: OperationRecord, caller?: Chooser) => Promise<PlannedOperation>
  /** Plans operations ahead of their first request; what cannot be planned is logged and left out. */
  readonly warm: (records: readonly OperationRecord[]) => Promise<void>
  /** The operations asked most often, as texts on the API schema; so many as are planned anew by the next planning. */
  readonly hottest: () => readonly string[]
  /**
   * Plans what was hottest on another supergraph, as far as it fits this one, within a time limit.
   *
   * `resolve` parses and validates a text against the API schema and raises where it does not fit.
   */
  readonly warmHottest: (
    texts: readonly string[],
    resolve: (text: string) => OperationRecord,
  ) => Promise<void>
  /** The same for texts that an operator listed, within what is left of that time limit after `spentMs`. */
  readonly warmListed: (
    texts: readonly string[],
    resolve: (text: string) => OperationRecord,
    spentMs: number,
  ) => Promise<void>
  /** Ends the planner's threads; nothing can be planned afterwards. */
  readonly close: () => Promise<void>
}

export interface PlanningPorts extends PlannerPorts {
  readonly clock?: Clock
}

/** The memory of known operations, as a part of what plans may take. */
const MEMO_SHARE = 1 / 8

/** Makes the planner and its cache; rejects when the supergraph cannot be planned for. */
export async function createPlanning(options: FederationOptions, ports: PlanningPorts): Promise<Planning> {
  const { supergraph, logger, clock = SYSTEM_CLOCK } = ports
  const rollout = createRollout(options.overrides, ports)
  const planner = await choosePlanner(options, ports)
  const cache = new PlanCache(options.planCache, clock)
  const plans = new Plans({
    canonise: createCanonise(supergraph),
    memo: createOperationMemo(options.planCache.maxBytes * MEMO_SHARE),
    cache,
    planner,
  })

  const plan = async (record: OperationRecord, caller?: Chooser): Promise<PlannedOperation> => {
    const { made, variables } = plans.find(record, caller ? rollout.choose(caller) : rollout.outside)
    const { plan: found, planners } = await made
    return { plan: found, planners, valuesFor: variables.valuesFor }
  }
  const keepPlan = async (record: OperationRecord): Promise<void> => {
    for (const choice of rollout.choices) await plans.keep(record, choice)
  }
  const warmStored = async (record: OperationRecord): Promise<void> => {
    try {
      await keepPlan(record)
    } catch (error) {
      logger.warn({ err: error, operation: record.name }, 'A stored operation could not be planned.')
    }
  }
  return {
    stage: createPlanStage(plans, rollout),
    plan,
    warm: async (records) => {
      // One after another, so that requests do not wait behind all that is warmed.
      for (const record of records) await warmStored(record)
    },
    hottest: () => cache.hottest(options.planCache.warmHottest),
    warmHottest: async (texts, resolve) => {
      if (texts.length === 0) return
      const tools = { resolve, keepPlan, limitMs: options.planCache.warmMs, now: clock.now }
      logger.info(await warmTexts(texts, tools), 'planned the hottest operations anew')
    },
    warmListed: async (texts, resolve, spentMs) => {
      if (texts.length === 0) return
      const tools = { resolve, keepPlan, limitMs: options.planCache.warmMs - spentMs, now: clock.now }
      logger.info(await warmTexts(texts, tools), 'planned trusted documents ahead of their first request')
    },
    close: planner.close,
  }
}
