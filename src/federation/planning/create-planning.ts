import { createHash } from 'node:crypto'
import type { Charged, Planned } from '../../kernel/contexts.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import type { OperationRecord, VariableValues } from '../../kernel/operation.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import { isPromise, type Stage } from '../../kernel/stage.js'
import type { FederationOptions } from '../options.js'
import { createCanonise, type CanonicalOperation } from './canonical-operation.js'
import { choosePlanner, type PlannerPorts } from './choose-planner.js'
import { createOperationMemo, NOTHING_TO_FETCH, type KnownOperation } from './operation-memo.js'
import { PlanCache } from './plan-cache.js'
import { plannableOperations } from './plannable-operations.js'
import { sequence } from './plan-shapes.js'
import type { Planner } from './planner.js'

/** A plan and how the values of one operation come to stand under the plan's names. */
export interface PlannedOperation {
  readonly plan: QueryPlan
  readonly valuesFor: (variables: VariableValues) => VariableValues
}

/** Planning for one supergraph; belongs to its generation. */
export interface Planning {
  readonly stage: Stage<Charged, Planned>
  /** For `explain` and tests; uses and fills the same cache as the stage. */
  readonly plan: (record: OperationRecord) => Promise<PlannedOperation>
  /** Plans operations ahead of their first request; what cannot be planned is logged and left out. */
  readonly warm: (records: readonly OperationRecord[]) => Promise<void>
}

/** The plan of an operation of which nothing has to be fetched. */
const EMPTY_PLAN: QueryPlan = { node: undefined }

/** The memory of known operations, as a part of what plans may take. */
const MEMO_SHARE = 1 / 8

/** Makes the planner and its cache; rejects when the supergraph cannot be planned for. */
export async function createPlanning(options: FederationOptions, ports: PlannerPorts): Promise<Planning> {
  const planner = await choosePlanner(options.planner, ports)
  const cache = new PlanCache(options.planCache)
  const canonise = createCanonise(ports.supergraph)
  const memo = createOperationMemo(options.planCache.maxBytes * MEMO_SHARE)

  const planKnown = (
    { planKey }: KnownOperation,
    write: () => CanonicalOperation | undefined,
  ): QueryPlan | Promise<QueryPlan> => {
    if (planKey === undefined) return EMPTY_PLAN
    return cache.get(planKey, () => makePlan(planner, write()), planningFailed)
  }

  const find = (record: OperationRecord): Found => {
    const known = memo.get(record.hash)
    if (known !== undefined) return { known, plan: planKnown(known, () => canonise(record)) }
    const canonical = canonise(record)
    const learnt = toKnown(canonical)
    memo.set(record.hash, learnt)
    return { known: learnt, plan: planKnown(learnt, () => canonical) }
  }

  const plan = async (record: OperationRecord): Promise<PlannedOperation> => {
    const found = find(record)
    return { plan: await found.plan, valuesFor: found.known.variables.valuesFor }
  }
  const warmOne = (record: OperationRecord): Promise<unknown> =>
    plan(record).catch((error: unknown) => {
      ports.logger.warn({ err: error, operation: record.name }, 'A stored operation could not be planned.')
    })
  return {
    stage: { name: 'plan', run: (context) => addPlan(context, find) },
    plan,
    warm: async (records) => {
      await Promise.all(records.map(warmOne))
    },
  }
}

interface Found {
  readonly known: KnownOperation
  readonly plan: QueryPlan | Promise<QueryPlan>
}

function addPlan(context: Charged, find: (record: OperationRecord) => Found): Planned | Promise<Planned> {
  const { permitted, variables } = context
  if (permitted === null) return { ...context, plan: EMPTY_PLAN, planVariables: variables }
  const { plan, known } = find(permitted)
  const planVariables = known.variables.valuesFor(variables)
  return isPromise(plan)
    ? plan.then((made) => ({ ...context, plan: made, planVariables }))
    : { ...context, plan, planVariables }
}

function toKnown(canonical: CanonicalOperation | undefined): KnownOperation {
  if (canonical === undefined) return NOTHING_TO_FETCH
  const planKey = createHash('sha256').update(canonical.text).digest('base64url')
  return { planKey, variables: canonical.variables }
}

async function makePlan(planner: Planner, canonical: CanonicalOperation | undefined): Promise<QueryPlan> {
  const operations = canonical ? plannableOperations(canonical) : []
  const plans = await Promise.all(operations.map((operation) => planner.plan(operation)))
  return { node: sequence(plans.map(({ node }) => node)) }
}

/** The client learns that planning failed; why is for the log. */
function planningFailed(cause: unknown): GatewayError {
  return new GatewayError('QUERY_PLANNING_FAILED', 'The operation could not be planned.', { cause })
}
