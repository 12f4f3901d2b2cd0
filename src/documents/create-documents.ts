import type { GraphQLSchema } from 'graphql'
import type { Admitted, Resolved } from '../kernel/contexts.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { OperationRecord, OperationRequest } from '../kernel/operation.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { Principal } from '../kernel/principal.js'
import type { Stage } from '../kernel/stage.js'
import { checkLimits } from './check-limits.js'
import { coerceVariables, type CoerceVariablesRules } from './coerce-variables.js'
import { createDocumentMemo } from './document-memo.js'
import { createIntrospectionCheck, type Introspecting } from './introspection.js'
import { selectOperation, toKnownDocument, type KnownDocument } from './known-document.js'
import type { DocumentsOptions } from './options.js'
import { parseDocument } from './parse-document.js'
import { createPersistedQueries } from './persisted-queries.js'
import { validateDocument } from './validate-document.js'

export interface DocumentsPorts {
  readonly apiSchema: GraphQLSchema
  readonly logger: Logger
  readonly production: boolean
}

export interface Documents {
  readonly stage: Stage<Admitted, Resolved>
  /** Parses and validates an operation that ships with the gateway, without limits; raises GatewayError. */
  readonly resolveStored: (source: string, operationName?: string) => OperationRecord
}

/** Who asks a stored operation is not looked at: it says what its author wants to be seen. */
const NOTHING_INTROSPECTS: Introspecting = new Set()

/** Makes the resolveDocument stage of one generation: from text to an operation with its variables. */
export function createDocuments(
  options: DocumentsOptions,
  { apiSchema, logger, production }: DocumentsPorts,
): Documents {
  const assertMayIntrospect = createIntrospectionCheck(options.introspection, production)
  const memo = createDocumentMemo(options.memo)
  const persisted = createPersistedQueries(options.apq)
  const variableRules: CoerceVariablesRules = {
    schema: apiSchema,
    suggestions: options.suggestions,
    maxDepth: options.limits.variableDepth,
    maxValues: options.limits.variableValues,
  }

  const prepare = (source: string): KnownDocument =>
    withinStack(logger, () => {
      const document = parseDocument(source, options.limits)
      const introspecting = checkLimits(document, options)
      validateDocument(apiSchema, document, options.suggestions)
      return toKnownDocument(source, document, introspecting)
    })

  const resolveRequest = (request: OperationRequest, caller: Principal): OperationRecord => {
    const { source, learnAs } = persisted.read(request)
    const known = memo.resolve(source, prepare)
    if (learnAs !== undefined) persisted.learn(learnAs, source)
    const record = selectOperation(known, request.operationName)
    if (known.introspecting.has(record.operation)) assertMayIntrospect(caller)
    return record
  }

  const run = (context: Admitted): Resolved => {
    const { request, stored, principal } = context
    const operation = stored ?? resolveRequest(request, principal)
    if (request.readOnly && operation.type !== 'query') throw needsPost(operation)
    const variables = coerceVariables(operation, request.variables, variableRules)
    return { ...context, operation, variables }
  }

  const resolveStored = (source: string, operationName?: string): OperationRecord => {
    const document = parseDocument(source, undefined)
    validateDocument(apiSchema, document, true)
    return selectOperation(toKnownDocument(source, document, NOTHING_INTROSPECTS), operationName)
  }

  return { stage: { name: 'resolveDocument', run }, resolveStored }
}

/**
 * Turns an exhausted stack into a refusal.
 *
 * Within the default limits no document gets that far; limits that an operator raised might let one through.
 */
function withinStack<T>(logger: Logger, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    logger.warn({ err: error }, 'a document within the limits exhausted the stack; lower documents.limits')
    throw new GatewayError('MAX_DEPTH_LIMIT', 'The document is nested too deeply.')
  }
}

function needsPost(operation: OperationRecord): GatewayError {
  return new GatewayError(
    'METHOD_NOT_ALLOWED',
    `GET admits queries only; send the ${operation.type} by POST.`,
    {
      headers: { allow: 'POST' },
    },
  )
}
