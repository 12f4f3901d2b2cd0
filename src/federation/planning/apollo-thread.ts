/** The thread of Apollo's planner: loading a supergraph takes it seconds, and planning milliseconds. */
import { parentPort, workerData } from 'node:worker_threads'
import federation from '@apollo/federation-internals'
import queryPlanner from '@apollo/query-planner'
import { parse } from 'graphql'
import type { QueryPlan } from '../../kernel/query-plan.js'
import { toGatewaySdl } from '../supergraph/gateway-sdl.js'
import { fromApolloPlan } from './apollo-plan.js'
import type { Readiness } from './planner-thread.js'

export interface ApolloThreadData {
  /** The full SDL of the supergraph. */
  readonly sdl: string
}

export interface ApolloQuestion {
  readonly source: string
  /** Of `@override(label:)`; all others are inactive. */
  readonly activeLabels: readonly string[]
}

export type ApolloAnswer = { readonly plan: QueryPlan } | { readonly failure: string }

/** Characters of what is said about a failure: texts of Apollo's planner may quote the whole operation. */
const MAX_FAILURE_LENGTH = 2_000

const { sdl } = workerData as ApolloThreadData

try {
  const graph = federation.Supergraph.build(toGatewaySdl({ sdl }))
  const planner = new queryPlanner.QueryPlanner(graph)
  const apiSchema = graph.apiSchema()

  parentPort?.on('message', ({ source, activeLabels }: ApolloQuestion) => {
    const overrideConditions = new Map(activeLabels.map((label) => [label, true]))
    say(
      answer(() => {
        const operation = federation.operationFromDocument(apiSchema, parse(source))
        return planner.buildQueryPlan(operation, { overrideConditions })
      }),
    )
  })
  say({})
} catch (error) {
  say({ refusal: messageOf(error) })
}

function answer(plan: () => queryPlanner.QueryPlan): ApolloAnswer {
  try {
    return { plan: fromApolloPlan(plan()) }
  } catch (error) {
    return { failure: messageOf(error) }
  }
}

function say(message: ApolloAnswer | Readiness): void {
  parentPort?.postMessage(message)
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_FAILURE_LENGTH)
}
