import type { Charged, Planned } from '../../kernel/contexts.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import { SYSTEM_CLOCK, type Clock } from '../../kernel/ports/clock.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import type { Stage } from '../../kernel/stage.js'
import type { FederationOptions } from '../options.js'
import { createCanonise } from './canonical-operation.js'
import { choosePlanner, type PlannerPorts } from './choose-planner.js'
import { eachOf } from './each-of.js'
import { createOperationMemo } from './operation-memo.js'
import { PlanCache } from './plan-cache.js'
import { createPlanStage } from './plan-stage.js'
import { Plans } from './plans.js'
import type { PlannerName } from './planner.js'
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
  /** For `explain` and tests; uses and fills the same cache as the stage. */
  readonly plan: (record: OperationRecord, caller?: Chooser) => Promise<PlannedOperation>
  /** Plans operations ahead of their first request; what cannot be planned is logged and left out. */
  readonly warm: (records: readonly OperationRecord[]) => Promise<void>
  /** Ends the planner's threads; nothing can be planned afterwards. */
  readonly close: () => Promise<void>
}

const NOBODY: Chooser = { principal: { key: '' }, requestId: '' }

export interface PlanningPorts extends PlannerPorts {
  readonly clock?: Clock
}

/** Less than the planner can do at once, so that requests do not wait behind all that is warmed. */
const WARMED_AT_ONCE = 1

/** The memory of known operations, as a part of what plans may take. */
const MEMO_SHARE = 1 / 8

/** Makes the planner and its cache; rejects when the supergraph cannot be planned for. */
export async function createPlanning(options: FederationOptions, ports: PlanningPorts): Promise<Planning> {
  const { supergraph, logger, clock = SYSTEM_CLOCK } = ports
  const rollout = createRollout(options.overrides, ports)
  const planner = await choosePlanner(options, ports)
  const plans = new Plans({
    canonise: createCanonise(supergraph),
    memo: createOperationMemo(options.planCache.maxBytes * MEMO_SHARE),
    cache: new PlanCache(options.planCache, clock),
    planner,
  })

  const plan = async (record: OperationRecord, caller: Chooser = NOBODY): Promise<PlannedOperation> => {
    const { made, variables } = plans.find(record, rollout.choose(caller))
    const { plan: found, planners } = await made
    return { plan: found, planners, valuesFor: variables.valuesFor }
  }
  return { stage: createPlanStage(plans, rollout), plan, warm, close: planner.close }

  async function warm(records: readonly OperationRecord[]): Promise<void> {
    await eachOf(records, WARMED_AT_ONCE, warmOne)
  }

  async function warmOne(record: OperationRecord): Promise<void> {
    try {
      for (const choice of rollout.choices) await plans.keep(record, choice)
    } catch (error) {
      logger.warn({ err: error, operation: record.name }, 'A stored operation could not be planned.')
    }
  }
}
