import type { ApolloServerPlugin } from '@apollo/server'
import { GraphQLError, Kind, OperationTypeNode } from 'graphql'
import type { GraphQLFormattedError, OperationDefinitionNode } from 'graphql'
import type { Logger } from 'pino'
import { fault } from './faults.js'
import type { SubgraphContext } from './subgraph-context.js'

/** Writes one line per operation: what was asked and for whom, so that an operator sees what did not arrive too. */
export function createRequestLog<Loaders>(logger: Logger): ApolloServerPlugin<SubgraphContext<Loaders>> {
  return {
    requestDidStart: () => {
      const started = performance.now()
      return Promise.resolve({
        // A subscription over the query route would be run once, as if it were a query.
        didResolveOperation: ({ operation }) => {
          if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return Promise.resolve()
          throw fault('BAD_USER_INPUT', 'Subscriptions need "Accept: text/event-stream".')
        },
        willSendResponse: ({ operation, contextValue, errors, request }) => {
          logger.info(
            {
              requestId: contextValue.requestId,
              tenantId: contextValue.identity.tenantId,
              userId: contextValue.identity.userId,
              operation: operation?.operation,
              fields: operation === undefined ? [] : rootFields(operation, request.variables),
              errors: errors?.length ?? 0,
              milliseconds: Math.round(performance.now() - started),
            },
            'request',
          )
          return Promise.resolve()
        },
      })
    },
  }
}

/** The names of the root fields; of `_entities` also what the entities were wanted for. */
function rootFields(operation: OperationDefinitionNode, variables: unknown): readonly string[] {
  return operation.selectionSet.selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD) return []
    if (selection.name.value !== '_entities') return [selection.name.value]
    const count = countRepresentations(variables)
    const wanted = selection.selectionSet?.selections.flatMap((part) => {
      if (part.kind !== Kind.INLINE_FRAGMENT) return []
      const type = part.typeCondition?.name.value ?? '?'
      return part.selectionSet.selections.flatMap((field) =>
        field.kind === Kind.FIELD ? [`${type}.${field.name.value}`] : [],
      )
    })
    return [`_entities(${count})`, ...(wanted ?? [])]
  })
}

function countRepresentations(variables: unknown): number {
  if (typeof variables !== 'object' || variables === null || !('representations' in variables)) return 0
  return Array.isArray(variables.representations) ? variables.representations.length : 0
}

/** SQLSTATE class 22: a value that the column's type cannot hold. Then the input was wrong, not we. */
function isDataFault(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^22.{3}$/.test(error.code)
  )
}

/**
 * Lets refusals through and hides everything else behind one sentence; the log has the rest.
 *
 * The path stays: the gateway needs it to say which field is missing.
 */
export function maskFault(
  formatted: GraphQLFormattedError,
  error: unknown,
  logger: Logger,
): GraphQLFormattedError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error
  if (cause instanceof GraphQLError) return formatted
  const { path, locations } = formatted
  const place = { ...(path === undefined ? {} : { path }), ...(locations === undefined ? {} : { locations }) }
  if (isDataFault(cause)) {
    return {
      message: 'A value is malformed or out of range.',
      ...place,
      extensions: { code: 'BAD_USER_INPUT' },
    }
  }
  logger.error({ err: cause }, 'internal fault')
  return { message: 'Internal error.', ...place, extensions: { code: 'INTERNAL_SERVER_ERROR' } }
}
