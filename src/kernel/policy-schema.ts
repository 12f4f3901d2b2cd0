import type { GraphQLSchema } from 'graphql'
import type { Denial } from './denial.js'
import type { OperationRecord, VariableValues } from './operation.js'
import type { Principal } from './principal.js'

/**
 * The executable twin of the API schema in which resolvers only say "allowed" (design §4, "Policy schema").
 *
 * graphql-shield and graphql-rate-limit-directive wrap resolvers, and a gateway has none; so they are applied,
 * unmodified, to this schema, and an operation is asked there before it is planned: every resolver that they
 * wrapped and that an execution of the operation would call.
 */
export interface PolicySchema {
  /** Makes a check from a schema transformer such as shield's middleware or the rate limit directive. */
  readonly check: (transform: (schema: GraphQLSchema) => GraphQLSchema, toDenial: ToDenial) => PolicyCheck
  /**
   * Takes the denied fields out of an operation; `null` when nothing is left to ask a subgraph for.
   * The result depends on operation and denials only, and equal inputs give the same record.
   */
  readonly prune: (operation: OperationRecord, denials: readonly Denial[]) => OperationRecord | null
}

/** Turns what a wrapped resolver threw into the code and message that the client sees. */
export type ToDenial = (error: unknown, coordinate: string) => Pick<Denial, 'code' | 'message' | 'extensions'>

/** What a policy library finds as its context value. */
export interface PolicyContext {
  readonly principal: Principal
  readonly requestId: string
  readonly [key: string]: unknown
}

export interface PolicyCheck {
  readonly schema: GraphQLSchema
  /** Asks what an execution of the operation on the policy schema would ask, and collects every refusal. */
  readonly ask: (
    operation: OperationRecord,
    variables: VariableValues,
    context: PolicyContext,
  ) => Promise<readonly Denial[]>
}
