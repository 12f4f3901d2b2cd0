import { getDirective } from '@graphql-tools/utils'
import { isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql'
import { findDirectiveName } from '../kernel/linked-features.js'

/** The feature's name in the URL of its `@link`, whoever hosts the specification. */
const SPECIFICATION = 'rateLimit'

/** So many times in so many seconds, for each caller. */
export interface FieldLimit {
  readonly limit: number
  readonly seconds: number
}

export interface FieldLimits {
  /** By `Type.field`: every object field with a limit of its own or of its type. */
  readonly limits: ReadonlyMap<string, FieldLimit>
  /** Interface fields with the directive, where it has no effect: objects are what is resolved. */
  readonly ineffective: readonly string[]
}

/** Finds under which name the supergraph uses `@rateLimit`. */
export function findLimitDirective(schema: GraphQLSchema): string {
  return findDirectiveName(schema, SPECIFICATION, SPECIFICATION)
}

/** Lists the limited fields, and refuses limits that cannot be meant. */
export function findFieldLimits(schema: GraphQLSchema, directiveName: string): FieldLimits {
  const limits = new Map<string, FieldLimit>()
  const ineffective: string[] = []
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue
    const ofType = isObjectType(type) ? readLimit(schema, type, directiveName, type.name) : undefined
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`
      const limit = readLimit(schema, field, directiveName, coordinate) ?? ofType
      if (limit === undefined) continue
      if (isObjectType(type)) limits.set(coordinate, limit)
      else ineffective.push(coordinate)
    }
  }
  return { limits, ineffective }
}

/** A duration of zero would count for ever, and the limiters want whole numbers. */
function readLimit(
  schema: GraphQLSchema,
  node: Parameters<typeof getDirective>[1],
  directiveName: string,
  coordinate: string,
): FieldLimit | undefined {
  const found = getDirective(schema, node, directiveName)?.[0]
  if (found === undefined) return undefined
  const { limit, duration } = found as { readonly limit?: unknown; readonly duration?: unknown }
  if (!isWhole(limit, 0) || !isWhole(duration, 1)) {
    throw new Error(
      `@${directiveName} on ${coordinate} needs limit >= 0 and duration >= 1, both whole numbers.`,
    )
  }
  return { limit, seconds: duration }
}

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least
}
