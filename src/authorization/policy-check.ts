import { isNativeError } from 'node:util/types'
import { mapSchema, MapperKind } from '@graphql-tools/utils'
import {
  defaultFieldResolver,
  execute,
  GraphQLSchema,
  type ExecutionResult,
  type GraphQLFieldResolver,
} from 'graphql'
import type { Denial } from '../kernel/denial.js'
import type { OperationRecord, VariableValues } from '../kernel/operation.js'
import type { PolicyCheck, PolicyContext, ToDenial } from '../kernel/policy-schema.js'
import { isPromise } from '../kernel/stage.js'
import { mergeRefusals } from './merge-refusals.js'
import { eachOccurrence, type Occurrence } from './occurrences.js'
import type { PossibleTypes } from './possible-types.js'
import { RefusalLog } from './refusal-log.js'
import { createSyntheticObject } from './synthetic-resolvers.js'

const LOG = Symbol('refusal log')
const NOTHING_DENIED: readonly Denial[] = []

/** Wraps every resolver of a transformed policy schema, outermost, so that refusals are written down. */
export function createCheck(
  transformed: GraphQLSchema,
  types: PossibleTypes,
  toDenial: ToDenial,
): PolicyCheck {
  const recording = mapSchema(transformed, {
    [MapperKind.OBJECT_FIELD]: (field) => ({
      ...field,
      resolve: recorded(field.resolve ?? defaultFieldResolver, toDenial),
    }),
  })
  // Synthetic output types break interface conformance on purpose; only execution matters here.
  const schema = new GraphQLSchema({ ...recording.toConfig(), assumeValid: true })
  const ask = async (
    operation: OperationRecord,
    variables: VariableValues,
    context: PolicyContext,
  ): Promise<readonly Denial[]> => {
    const log = new RefusalLog()
    assertAnswered(await run(schema, operation, variables, { ...context, [LOG]: log }))
    if (log.refusals.length === 0) return NOTHING_DENIED
    const occurrences = (): readonly Occurrence[] => {
      const found: Occurrence[] = []
      eachOccurrence(schema, types, operation, (occurrence) => found.push(occurrence), variables)
      return found
    }
    return mergeRefusals(log.refusals, occurrences, (typeName) => types.isAbstract(typeName))
  }
  return { schema, ask }
}

/** Subscriptions too: graphql-js executes their selection like a query's, and opens no stream. */
function run(
  schema: GraphQLSchema,
  operation: OperationRecord,
  variables: VariableValues,
  contextValue: object,
): ExecutionResult | Promise<ExecutionResult> {
  return execute({
    schema,
    document: operation.document,
    operationName: operation.operation.name?.value,
    variableValues: variables,
    contextValue,
    rootValue: createSyntheticObject('root'),
  })
}

/** Every resolver is wrapped, so an error that comes through is a fault; a fault never counts as consent. */
function assertAnswered(result: ExecutionResult): void {
  const fault = result.errors?.[0]
  if (fault) throw fault.originalError ?? fault
  if (!result.data) throw new Error('The policy schema gave no answer.')
}

function recorded(
  resolve: GraphQLFieldResolver<unknown, object>,
  toDenial: ToDenial,
): GraphQLFieldResolver<unknown, object> {
  return (parent, args, context, info) => {
    const log = logOf(context)
    if (!log.isFirst(info)) return null
    const refuse = (error: unknown): null => {
      log.refuse(info, toDenial(error, `${info.parentType.name}.${info.fieldName}`))
      return null
    }
    const settle = (value: unknown): unknown => (isError(value) ? refuse(value) : value)
    try {
      const value: unknown = resolve(parent, args as object, context, info)
      return isPromise(value) ? value.then(settle, refuse) : settle(value)
    } catch (error) {
      return refuse(error)
    }
  }
}

/** graphql-js takes a returned error for a thrown one, and so do the policy libraries. */
function isError(value: unknown): boolean {
  return value instanceof Error || isNativeError(value)
}

function logOf(context: object): RefusalLog {
  const log = (context as { readonly [LOG]?: RefusalLog })[LOG]
  if (log === undefined) throw new Error('The policy schema was executed without being asked.')
  return log
}
