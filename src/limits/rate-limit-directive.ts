import { getDirective } from '@graphql-tools/utils'
import {
  isInterfaceType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type ConstDirectiveNode,
  type GraphQLSchema,
} from 'graphql'

/** The feature's name in the URL of its `@link`, whoever hosts the specification. */
const SPECIFICATION = 'rateLimit'
const FEATURE_URL = /\/rateLimit\/v\d+(\.\d+)?\/?$/

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

/**
 * Finds under which name the supergraph uses `@rateLimit`.
 *
 * The `@link` decides (Federation, core features): an import may rename the directive, and without an import
 * it is called after the specification or its `as`. Without any link the plain name is meant.
 */
export function findDirectiveName(schema: GraphQLSchema): string {
  const nodes = [schema.astNode, ...schema.extensionASTNodes].flatMap((node) => node?.directives ?? [])
  const names = nodes.filter((node) => node.name.value === 'link').flatMap(namesInLink)
  return names.find((name) => schema.getDirective(name)) ?? SPECIFICATION
}

function namesInLink(link: ConstDirectiveNode): string[] {
  const { url, as, import: imports } = readArguments(link)
  if (typeof url !== 'string' || !FEATURE_URL.test(url)) return []
  const imported = (Array.isArray(imports) ? imports : []).flatMap((element: unknown) =>
    nameOfImport(element),
  )
  const prefix = typeof as === 'string' ? as : SPECIFICATION
  return [...imported, prefix, `${prefix}__${SPECIFICATION}`]
}

/** `"@rateLimit"` or `{ name: "@rateLimit", as: "@limit" }`. */
function nameOfImport(element: unknown): string[] {
  if (element === `@${SPECIFICATION}`) return [SPECIFICATION]
  if (typeof element !== 'object' || element === null) return []
  const { name, as } = element as { readonly name?: unknown; readonly as?: unknown }
  if (name !== `@${SPECIFICATION}`) return []
  return [typeof as === 'string' ? as.replace(/^@/, '') : SPECIFICATION]
}

function readArguments(node: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (node.arguments ?? []).map(({ name, value }) => [
      name.value,
      value.kind === Kind.NULL ? undefined : valueFromASTUntyped(value),
    ]),
  )
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
