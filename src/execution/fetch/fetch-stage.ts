import type { Fetched, Planned } from '../../kernel/contexts.js'
import type { FetchOutcome } from '../../kernel/fetch-outcome.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { QueryPlan } from '../../kernel/query-plan.js'
import type { Stage } from '../../kernel/stage.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import type { CallSubgraph } from '../../kernel/upstream-call.js'
import { ErrorLedger } from '../error-ledger.js'
import type { ExecutionOptions } from '../options.js'
import { compilePlanNode } from './compile-plan.js'
import { createEntityKeys } from './entity-keys.js'
import { createFaultReporter } from './fault-reporter.js'
import { createMerge } from './merge.js'
import type { PlanTools, Run, Step } from './run.js'
import { createTypeIndex } from './type-index.js'

/** Makes the stage that runs plans: calls subgraphs and gathers what they say under response keys. */
export function createFetchStage(
  options: ExecutionOptions,
  ports: { readonly supergraph: Supergraph; readonly call: CallSubgraph; readonly logger: Logger },
): Stage<Planned, Fetched> {
  const { schema } = ports.supergraph
  const types = createTypeIndex(schema)
  const tools: PlanTools = {
    types,
    entityKeys: createEntityKeys(schema),
    merge: createMerge(types),
    call: ports.call,
    faults: createFaultReporter(options, ports.logger),
  }
  const programs = new WeakMap<QueryPlan, Step>()

  function programOf(plan: QueryPlan): Step {
    const known = programs.get(plan)
    if (known) return known
    const program = plan.node ? compilePlanNode(plan.node, [], tools) : () => undefined
    programs.set(plan, program)
    return program
  }

  function run(context: Planned): Fetched | Promise<Fetched> {
    const started = startRun(context, options)
    const wait = context.permitted === null ? undefined : programOf(context.plan)(started)
    if (wait === undefined) return { ...context, outcome: toOutcome(started) }
    return wait.then(() => ({ ...context, outcome: toOutcome(started) }))
  }

  return { name: 'fetch', run }
}

function startRun(context: Planned, options: ExecutionOptions): Run {
  const { principal, requestId, client, deadline, planVariables } = context
  return {
    data: {},
    variables: planVariables,
    caller: { principal, requestId, client, deadline },
    errors: new ErrorLedger(options.maxErrors),
    cachePolicy: undefined,
  }
}

function toOutcome(run: Run): FetchOutcome {
  const { data, errors, cachePolicy } = run
  return { data, errors: errors.errors, explained: errors.explained, cachePolicy }
}
