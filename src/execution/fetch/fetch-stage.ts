import type { Fetched, Planned } from '../../kernel/contexts.js'
import type { Deadline } from '../../kernel/deadline.js'
import type { FetchOutcome } from '../../kernel/fetch-outcome.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import { andThenWith, isPromise, type Stage } from '../../kernel/stage.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import type { CallSubgraph } from '../../kernel/upstream-call.js'
import { ErrorLedger } from '../error-ledger.js'
import type { ExecutionOptions } from '../options.js'
import { layOut, type PlanLayout } from '../layout/plan-layout.js'
import { compileRoot } from './compile-plan.js'
import { createEntityKeys } from './entity-keys.js'
import { createFaultReporter } from './fault-reporter.js'
import type { Flight } from './flight.js'
import { Flights } from './flights.js'
import { createMerge } from './merge.js'
import { putPassed } from './passed-headers.js'
import type { PlanTools, Run, Step } from './run.js'
import { createTypeIndex } from './type-index.js'

export interface FetchPorts {
  readonly supergraph: Supergraph
  readonly call: CallSubgraph
  readonly logger: Logger
  /** Whether subgraphs give cookies to clients: equal requests then cannot share a run. */
  readonly givesCookies?: boolean | undefined
}

/**
 * Makes the stage that runs plans: calls subgraphs and gathers what they say under response keys.
 *
 * Of a subscription it answers the event of its context, once for each.
 */
export function createFetchStage(options: ExecutionOptions, ports: FetchPorts): Stage<Planned, Fetched> {
  const { schema } = ports.supergraph
  const types = createTypeIndex(schema)
  const tools: PlanTools = {
    types,
    entityKeys: createEntityKeys(schema),
    merge: createMerge(types),
    call: ports.call,
    faults: createFaultReporter(options, ports.logger),
  }
  const programs = new WeakMap<QueryPlan, FetchProgram>()
  const flights = new Flights()
  const isSharing = options.shareInFlight && ports.givesCookies !== true

  function programOf(plan: QueryPlan): FetchProgram {
    const known = programs.get(plan)
    if (known) return known
    const layout = layOut(plan.node)
    const step = plan.node ? compileRoot(plan.node, { tools, layout }) : () => undefined
    const program = { layout, step }
    programs.set(plan, program)
    return program
  }

  function fetchAll(context: Planned, flight?: Flight): FetchOutcome | Promise<FetchOutcome> {
    const started = startRun(context, flight?.deadline ?? context.deadline, options)
    const { layout, step } = programOf(context.plan)
    const wait = context.permitted === null ? undefined : step(started)
    if (wait === undefined) return toOutcome(started, layout, false)
    return wait.then(() => toOutcome(started, layout, flight?.isShared === true))
  }

  function isShareable({ permitted, plan }: Planned): boolean {
    return isSharing && permitted?.type === 'query' && plan.node !== undefined
  }

  function outcomeOf(context: Planned): FetchOutcome | Promise<FetchOutcome> {
    if (isShareable(context)) return flights.share(context, async (flight) => fetchAll(context, flight))
    const outcome = fetchAll(context)
    if (context.permitted?.type !== 'mutation' || !isPromise(outcome)) return outcome
    return outcome.finally(() => flights.closeAll(context.principal))
  }

  function run(context: Planned): Fetched | Promise<Fetched> {
    return andThenWith(outcomeOf(context), toFetched, context)
  }

  return { name: 'fetch', run }
}

function toFetched(outcome: FetchOutcome, context: Planned): Fetched {
  if (outcome.passed !== undefined) putPassed(outcome.passed, context.responseHead)
  return { ...context, outcome }
}

/** A plan, compiled. */
interface FetchProgram {
  readonly layout: PlanLayout
  readonly step: Step
}

function startRun(context: Planned, deadline: Deadline, options: ExecutionOptions): Run {
  const { principal, requestId, client, planVariables, event, refusedSubgraphs } = context
  return {
    data: {},
    variables: planVariables,
    caller: { principal, requestId, client, deadline },
    event,
    refused: refusedSubgraphs,
    errors: new ErrorLedger(options.maxErrors),
    cachePolicy: undefined,
    isEscapeFree: true,
    bareText: undefined,
    passed: undefined,
  }
}

function toOutcome(run: Run, { root }: PlanLayout, isShared: boolean): FetchOutcome {
  const { data, errors, cachePolicy, isEscapeFree, passed } = run
  return {
    data,
    layout: root,
    isEscapeFree,
    isShared,
    soleText: root.soleKeys && run.bareText,
    errors: errors.errors,
    explained: errors.explained,
    cachePolicy,
    passed: passed?.values,
  }
}
