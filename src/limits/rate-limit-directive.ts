import { getDirective } from '@graphql-tools/utils'
import {
  isInterfaceType,
  isObjectType,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import { findDirectiveName } from '../kernel/linked-features.js'
import { parseWindow } from './parse-window.js'

/** The feature's name in the URL of its `@link`, whoever hosts the specification. */
const SPECIFICATION = 'rateLimit'

/** So many times in so many seconds, for each caller. */
export interface FieldLimit {
  readonly limit: number
  readonly seconds: number
  /** Arguments whose values have counts of their own, each as a path. */
  readonly keyArguments?: readonly ArgumentPath[]
  /** The argument that says how much a call counts: a list by its length, a number by itself. */
  readonly weightBy?: ArgumentPath
  /** What the client is told in place of our own words. */
  readonly message?: string
}

/** An argument's name, then fields of its input objects. */
type ArgumentPath = readonly string[]

/** Finds under which name the supergraph uses `@rateLimit`. */
export function findLimitDirective(schema: GraphQLSchema): string {
  return findDirectiveName(schema, SPECIFICATION, SPECIFICATION)
}

/**
 * Lists by `Type.field` every object field with a limit, and refuses limits that cannot be meant.
 *
 * The field's own limit goes before that of its type, and both before that of an interface's field, which holds for
 * each object type that implements it.
 */
export function findFieldLimits(
  schema: GraphQLSchema,
  directiveName: string,
): ReadonlyMap<string, FieldLimit> {
  const reader = new LimitReader(schema, directiveName)
  const limits = new Map<string, FieldLimit>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) for (const field of fieldsOf(type)) reader.ofField(type, field)
    if (!isObjectType(type)) continue
    for (const field of fieldsOf(type)) {
      const limit = reader.ofField(type, field) ?? reader.ofType(type) ?? reader.ofInterfaces(type, field)
      if (limit !== undefined) limits.set(`${type.name}.${field.name}`, limit)
    }
  }
  return limits
}

type Field = GraphQLField<unknown, unknown>

function fieldsOf(type: GraphQLObjectType | GraphQLInterfaceType): readonly Field[] {
  return Object.values(type.getFields())
}

class LimitReader {
  readonly #schema: GraphQLSchema
  readonly #name: string

  constructor(schema: GraphQLSchema, name: string) {
    this.#schema = schema
    this.#name = name
  }

  ofField(type: GraphQLObjectType | GraphQLInterfaceType, field: Field): FieldLimit | undefined {
    const coordinate = `${type.name}.${field.name}`
    const limit = this.#read(field, coordinate)
    for (const [argument] of [...(limit?.keyArguments ?? []), ...(limit?.weightBy ? [limit.weightBy] : [])]) {
      if (field.args.some(({ name }) => name === argument)) continue
      throw new Error(
        `@${this.#name} on ${coordinate} names the argument ${argument ?? ''}, which it does not have.`,
      )
    }
    return limit
  }

  ofType(type: GraphQLObjectType): FieldLimit | undefined {
    return this.#read(type, type.name)
  }

  ofInterfaces(type: GraphQLObjectType, { name }: Field): FieldLimit | undefined {
    for (const above of type.getInterfaces()) {
      const field = above.getFields()[name]
      const limit = field && this.ofField(above, field)
      if (limit !== undefined) return limit
    }
    return undefined
  }

  #read(node: Parameters<typeof getDirective>[1], coordinate: string): FieldLimit | undefined {
    const found: unknown = getDirective(this.#schema, node, this.#name)?.[0]
    if (found === undefined) return undefined
    try {
      return toFieldLimit(found as Record<string, unknown>)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : ''
      throw new Error(`@${this.#name} on ${coordinate} ${reason}.`, { cause })
    }
  }
}

/**
 * The spellings of an argument: ours, which is that of graphql-rate-limit-directive, and that of graphql-rate-limit and
 * of the gateways that follow it.
 */
const SPELLINGS = {
  limit: ['limit', 'max'],
  duration: ['duration', 'window'],
  keyArguments: ['keyArguments', 'identityArgs'],
  weightBy: ['weightBy', 'arrayLengthField'],
  message: ['message'],
} as const

/** A duration of zero would count for ever, and the limiters want whole numbers. */
function toFieldLimit(written: Readonly<Record<string, unknown>>): FieldLimit {
  const known = new Set<string>(Object.values(SPELLINGS).flat())
  const unknown = Object.keys(written).find((name) => !known.has(name))
  if (unknown !== undefined) throw new Error(`has the argument ${unknown}, which this gateway does not know`)
  const value = (name: keyof typeof SPELLINGS): unknown => {
    const given = SPELLINGS[name].filter((spelling) => isGiven(written[spelling]))
    if (given.length > 1) throw new Error(`has both ${given.join(' and ')}`)
    return given[0] === undefined ? undefined : written[given[0]]
  }
  const limit = value('limit')
  const seconds = parseWindow(value('duration'))
  if (!isWhole(limit, 0) || seconds === undefined) {
    throw new Error(
      'needs limit (or max) >= 0 and duration (or window) of at least one second, as in 60 or "1m", both whole',
    )
  }
  const keyArguments = paths(value('keyArguments'))
  const [weightBy] = paths(value('weightBy'))
  const message = value('message')
  return {
    limit,
    seconds,
    ...(keyArguments.length > 0 ? { keyArguments } : {}),
    ...(weightBy ? { weightBy } : {}),
    ...(typeof message === 'string' && message !== '' ? { message } : {}),
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function paths(value: unknown): readonly ArgumentPath[] {
  const names = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  return names.flatMap((name) => (typeof name === 'string' && name !== '' ? [name.split('.')] : []))
}

function isWhole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least
}
