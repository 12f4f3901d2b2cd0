/** Runs one case of a suite: plan, fetch, shape, over subgraphs that write down what they are asked. */
import {
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql'
import { coerceVariables } from '../../../src/documents/coerce-variables.js'
import { createExecution, executionOptions, type Execution } from '../../../src/execution/index.js'
import {
  createPlanning,
  readSupergraph,
  type PlannedOperation,
  type Planning,
} from '../../../src/federation/index.js'
import { federationOptions } from '../../../src/federation/options.js'
import { selectOperation, toKnownDocument } from '../../../src/documents/known-document.js'
import type { AnswerBody } from '../../../src/kernel/answer.js'
import { GatewayError, toAnswerErrors } from '../../../src/kernel/gateway-error.js'
import type { JsonObject } from '../../../src/kernel/json.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { QueryPlan } from '../../../src/kernel/query-plan.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import type { CallSubgraph } from '../../../src/kernel/upstream-call.js'
import { planInProcess } from '../../support/apollo-in-process.js'
import { createLocalCall, type LocalRequest, type LocalSubgraph } from '../../support/local-subgraph.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { plannedOf } from '../../unit/execution/world.js'
import { createLocalFixture, type Ledger } from './local-fixture.js'
import { readSupergraphFile, type Case, type Suite } from './suite.js'

export type PlannerName = 'auto' | 'apollo'

/** What happened, in the form of a case's expectations, and what explains it. */
export interface Run {
  readonly answer: AnswerBody
  readonly requests: readonly LocalRequest[]
  readonly notes: readonly string[]
  readonly faults: readonly string[]
  readonly plan: QueryPlan | undefined
  /** `subgraph Type.field` of everything that was asked. */
  readonly asked: ReadonlySet<string>
}

/** A suite's graph, ready to run its cases with the plans of either planner. */
export interface Graph {
  readonly supergraph: Supergraph
  readonly run: (testCase: Case, planner: PlannerName) => Promise<Run>
  readonly close: () => Promise<void>
}

/** Composes the suite's subgraphs, or reads its supergraph file, as the gateway does when it starts. */
function composeSuite({ subgraphs, supergraph, isUnsatisfiable }: Suite): Supergraph {
  if (supergraph !== undefined) return readSupergraph(readSupergraphFile(supergraph))
  const parts = Object.entries(subgraphs).map(([name, { schema, federation }]) => ({
    name,
    typeDefs: schema,
    ...(federation ? { federation } : {}),
  }))
  return readSupergraph(makeSupergraph(parts, { runSatisfiability: !isUnsatisfiable }).sdl)
}

/** Makes subgraphs, planners and execution of a suite. */
export async function createGraph(suite: Suite): Promise<Graph> {
  const supergraph = composeSuite(suite)
  let ledger: Ledger = { notes: [], faults: [] }
  let requests: LocalRequest[] = []
  const local = new Map<string, LocalSubgraph>(
    Object.entries(suite.subgraphs).map(([name, fixture]) => [
      name,
      createLocalFixture(name, fixture, () => ledger),
    ]),
  )
  let down: readonly string[] = []
  const callLocal = createLocalCall(local, (request) => {
    requests.push(request)
    for (const { message } of request.findings) ledger.faults.push(`${request.subgraph}: ${message}`)
  })
  const call: CallSubgraph = async (request) => {
    if (down.includes(request.subgraph)) throw new GatewayError('SUBREQUEST_TIMEOUT', 'Too slow.')
    return callLocal(request)
  }
  const ports = { supergraph, logger: SILENT_LOGGER }
  const planning = await createPlanning(federationOptions.parse({ planner: 'auto' }), ports)
  const plan: Record<PlannerName, Planning['plan']> = {
    auto: planning.plan,
    apollo: planInProcess(supergraph),
  }
  const execution = createExecution(executionOptions.parse({}), {
    ...ports,
    call,
    // A source of one event: what the subgraph makes of the operation.
    openEvents: call,
  })

  return {
    supergraph,
    run: async (testCase, planner) => {
      ledger = { notes: [], faults: [] }
      requests = []
      down = testCase.down ?? []
      const record = readOperation(supergraph.apiSchema, testCase)
      const variables = readVariables(supergraph.apiSchema, record, testCase.variables)
      const outcome = await answerTo(record, variables, plan[planner], execution)
      return { ...outcome, requests, asked: askedOf(requests, local), ...ledger }
    },
    close: planning.close,
  }
}

function readOperation(schema: GraphQLSchema, { operation, operationName }: Case): OperationRecord {
  const document = parse(operation, { noLocation: true })
  const findings = validate(schema, document)
  if (findings.length > 0) throw new Error(`The case's operation is not valid: ${findings.join('\n')}`)
  return selectOperation(toKnownDocument(operation, document, new Set()), operationName)
}

function readVariables(schema: GraphQLSchema, record: OperationRecord, given: JsonObject | undefined) {
  return coerceVariables(record, given, { schema, suggestions: true, maxDepth: 20, maxValues: 1_000 })
}

/** As the line does: a GatewayError of planning becomes the whole answer. */
async function answerTo(
  record: OperationRecord,
  variables: JsonObject,
  makePlan: Planning['plan'],
  { open, fetch, shape }: Execution,
): Promise<Pick<Run, 'answer' | 'plan'>> {
  let planned: PlannedOperation
  try {
    planned = await makePlan(record)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    return { answer: { errors: toAnswerErrors(error) }, plan: undefined }
  }
  const { plan, valuesFor } = planned
  const world = plannedOf({ variables, planVariables: valuesFor(variables) })
  const context = { ...world, operation: record, permitted: record, plan }
  const opened = record.type === 'subscription' ? await open.run(context) : context
  const { answer } = await shape.run(await fetch.run(opened))
  return { answer: JSON.parse(answer.text) as AnswerBody, plan }
}

function askedOf(
  requests: readonly LocalRequest[],
  local: ReadonlyMap<string, LocalSubgraph>,
): ReadonlySet<string> {
  return new Set(
    requests.flatMap(({ subgraph, document }) => {
      const schema = local.get(subgraph)?.schema
      return schema ? coordinatesOf(schema, document).map((coordinate) => `${subgraph} ${coordinate}`) : []
    }),
  )
}

function coordinatesOf(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
  const found: string[] = []
  const info = new TypeInfo(schema)
  const visitor = visitWithTypeInfo(info, {
    Field: ({ name }) => void found.push(`${info.getParentType()?.name ?? '?'}.${name.value}`),
  })
  visit(document, visitor)
  return found
}
