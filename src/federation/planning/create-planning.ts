import type { Charged, Planned } from '../../kernel/contexts.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { OperationRecord } from '../../kernel/operation.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import { isPromise, type Stage } from '../../kernel/stage.js'
import type { FederationOptions } from '../options.js'
import { choosePlanner, type PlannerPorts } from './choose-planner.js'
import { PlanCache } from './plan-cache.js'
import { plannableOperations } from './plannable-operations.js'
import { sequence } from './plan-shapes.js'
import type { Planner } from './planner.js'

/** Planning for one supergraph; belongs to its generation. */
export interface Planning {
  readonly stage: Stage<Charged, Planned>
  /** For `explain` and tests; uses and fills the same cache as the stage. */
  readonly plan: (record: OperationRecord) => Promise<QueryPlan>
  /** Plans operations ahead of their first request; what cannot be planned is logged and left out. */
  readonly warm: (records: readonly OperationRecord[]) => Promise<void>
}

/** The plan of an operation of which nothing has to be fetched. */
const NOTHING_TO_FETCH: QueryPlan = { node: undefined }

/** Makes the planner and its cache; rejects when the supergraph cannot be planned for. */
export async function createPlanning(options: FederationOptions, ports: PlannerPorts): Promise<Planning> {
  const planner = await choosePlanner(options.planner, ports)
  const cache = new PlanCache(options.planCache)
  const planOf = (record: OperationRecord): QueryPlan | Promise<QueryPlan> =>
    cache.get(record.hash, () => makePlan(planner, record), planningFailed)
  const plan = async (record: OperationRecord): Promise<QueryPlan> => planOf(record)
  const warmOne = (record: OperationRecord): Promise<unknown> =>
    plan(record).catch((error: unknown) => {
      ports.logger.warn({ err: error, operation: record.name }, 'A stored operation could not be planned.')
    })
  return {
    stage: { name: 'plan', run: (context) => addPlan(context, planOf) },
    plan,
    warm: async (records) => {
      await Promise.all(records.map(warmOne))
    },
  }
}

function addPlan(
  context: Charged,
  planOf: (record: OperationRecord) => QueryPlan | Promise<QueryPlan>,
): Planned | Promise<Planned> {
  const plan = context.permitted === null ? NOTHING_TO_FETCH : planOf(context.permitted)
  const planVariables = context.variables
  return isPromise(plan)
    ? plan.then((made) => ({ ...context, plan: made, planVariables }))
    : { ...context, plan, planVariables }
}

async function makePlan(planner: Planner, record: OperationRecord): Promise<QueryPlan> {
  const plans = await Promise.all(plannableOperations(record).map((operation) => planner.plan(operation)))
  return { node: sequence(plans.map(({ node }) => node)) }
}

/** The client learns that planning failed; why is for the log. */
function planningFailed(cause: unknown): GatewayError {
  return new GatewayError('QUERY_PLANNING_FAILED', 'The operation could not be planned.', { cause })
}
