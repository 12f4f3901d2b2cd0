import type { GraphQLSchema } from 'graphql'
import type { Received } from './contexts.js'
import type { OperationRecord } from './operation.js'
import type { RunOperation } from './reply.js'

/**
 * Everything that belongs to one supergraph: policy, operations, plans and the line over them.
 *
 * Replaced whole or not at all (design promise 5): a front end asks for the current one when a request comes in
 * and finishes the request on it.
 */
export interface Generation {
  /** Names it in logs and health: the supergraph's id. */
  readonly id: string
  readonly apiSchema: GraphQLSchema
  readonly runOperation: RunOperation
  /** Parses and validates an operation that ships with the gateway; raises GatewayError when it does not fit. */
  readonly resolveStored: (source: string, operationName?: string) => OperationRecord
  /** The text of the trusted document that a request names, where it names one; whether it runs the line decides. */
  readonly trustedText?: (received: Received) => string | undefined
}

/** The generation that serves now; `undefined` until the first one is loaded. */
export type CurrentGeneration = () => Generation | undefined
