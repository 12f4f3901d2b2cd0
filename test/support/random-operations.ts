/** Random operations and random data from a seed; graphql-js says what the answer must be. */
import {
  doTypesOverlap,
  executeSync,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isScalarType,
  isUnionType,
  OverlappingFieldsCanBeMergedRule,
  parse,
  validate,
  type GraphQLCompositeType,
  type GraphQLFieldResolver,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'
import type { OperationRecord } from '../../src/kernel/operation.js'
import { pick, type Random } from './random.js'
import { RandomInputs } from './random-inputs.js'

export { createRandom, type Random } from './random.js'

/** A valid operation and values for its variables. */
export interface RandomRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/**
 * The text of a valid operation on a schema without arguments: aliases, fragments of every kind, conditions on
 * `$x` and `$y`, introspection.
 */
export function randomOperation(random: Random, schema: GraphQLSchema, depth = 5): string {
  return randomRequest(random, schema, depth).query
}

/** The same for any schema: arguments are literals and variables of every kind, and some operations are mutations. */
export function randomRequest(random: Random, schema: GraphQLSchema, depth = 5): RandomRequest {
  for (;;) {
    const request = new OperationWriter(random, schema).write(depth)
    const document = parse(request.query)
    // The one rule that goes first because the writer does not care for it: all of them cost far more.
    if (validate(schema, document, [OverlappingFieldsCanBeMergedRule]).length > 0) continue
    if (validate(schema, document).length === 0) return request
  }
}

/** Writes operations without care for fields that do not merge; validation sorts those out. */
class OperationWriter {
  readonly #random: Random
  readonly #schema: GraphQLSchema
  readonly #inputs: RandomInputs
  readonly #fragments: string[] = []

  constructor(random: Random, schema: GraphQLSchema) {
    this.#random = random
    this.#schema = schema
    this.#inputs = new RandomInputs(random)
  }

  write(depth: number): RandomRequest {
    const mutation = this.#schema.getMutationType()
    const [kind, root] =
      mutation && this.#random() < 0.1
        ? ['mutation', mutation]
        : ['query', this.#schema.getQueryType() ?? undefined]
    if (!root) throw new Error('The schema has no query type.')
    // Validation wants every variable used; this field uses both and shows which way they went.
    const used = 'x: __typename @skip(if: $x) y: __typename @include(if: $y)'
    const body = this.#selectionSet(root, depth)
    const { definitions, values } = this.#inputs
    const declared = ['$x: Boolean!', '$y: Boolean!', ...definitions].join(', ')
    return {
      query: `${kind}(${declared}) { ${used} ... ${body} } ${this.#fragments.join(' ')}`,
      variables: { x: this.#random() < 0.5, y: this.#random() < 0.5, ...values },
    }
  }

  #selectionSet(type: GraphQLCompositeType, depth: number): string {
    const count = 1 + Math.floor(this.#random() * 4)
    const selections = Array.from({ length: count }, () => this.#selection(type, depth))
    const typename = isUnionType(type) || this.#random() < 0.3 ? '__typename' : ''
    return `{ ${selections.join(' ')} ${typename} }`
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const roll = this.#random()
    if (roll < 0.1) return `${pick(this.#random, ['', 'kind: '])}__typename`
    if (depth > 0 && (roll < 0.35 || isUnionType(type))) return this.#fragment(type, depth - 1)
    if (type === this.#schema.getQueryType() && roll < 0.42) {
      return pick(this.#random, ['__schema { queryType { name } }', 'u: __type(name: "User") { name kind }'])
    }
    return isUnionType(type) ? '__typename' : this.#field(type, depth)
  }

  #field(type: GraphQLObjectType | GraphQLInterfaceType, depth: number): string {
    const fields = Object.values(type.getFields())
    const candidates = fields.filter((field) => depth > 0 || isLeafType(getNamedType(field.type)))
    if (candidates.length === 0) return '__typename'
    const { name, type: fieldType, args } = pick(this.#random, candidates)
    const alias = pick(this.#random, ['', '', `${name}_1: `, `${name}_2: `])
    const inner = getNamedType(fieldType)
    const selections = isCompositeType(inner) ? ` ${this.#selectionSet(inner, depth - 1)}` : ''
    return `${alias}${name}${this.#inputs.arguments(args)}${this.#condition()}${selections}`
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    if (this.#random() < 0.3) return `...${this.#condition()} ${this.#selectionSet(type, depth)}`
    const all = Object.values(this.#schema.getTypeMap()).filter(isCompositeType)
    const on = pick(
      this.#random,
      all.filter((other) => !other.name.startsWith('__') && doTypesOverlap(this.#schema, type, other)),
    )
    if (this.#random() < 0.6) return `... on ${on.name}${this.#condition()} ${this.#selectionSet(on, depth)}`
    const name = `F${this.#fragments.length}`
    // The place is taken before the selections are written: they may hold fragments too.
    this.#fragments.push('')
    this.#fragments[Number(name.slice(1))] = `fragment ${name} on ${on.name} ${this.#selectionSet(on, depth)}`
    return `...${name}${this.#condition()}`
  }

  #condition(): string {
    if (this.#random() > 0.25) return ''
    const directive = pick(this.#random, ['skip', 'include'])
    return ` @${directive}(if: ${pick(this.#random, ['$x', '$y', 'true', 'false'])})`
  }
}

/** Values that no type of the kind takes, neither ours nor graphql-js. */
const MISFITS: Readonly<Record<string, readonly unknown[]>> = {
  Int: ['text', 1.5, 2 ** 40, {}],
  Float: ['text', {}],
  String: [{}, [1]],
  ID: [{}, 1.5],
  Boolean: ['true', {}],
  Color: ['BLUE', 'constructor', 1],
}
const FITS: Readonly<Record<string, readonly unknown[]>> = {
  Int: [0, -1, 2_147_483_647, -2_147_483_648],
  Float: [0, 1.5, -1e300, 3],
  String: ['', 'text', '"\\\u2028\ud800', '__proto__'],
  ID: ['', '1', 7],
  Boolean: [true, false],
  Color: ['RED', 'GREEN'],
  Any: [1, 'a', { a: [null] }, [[]], false],
}

export function randomValue(random: Random, schema: GraphQLSchema, type: GraphQLOutputType): unknown {
  if (isNonNullType(type)) {
    return random() < 0.04 ? pick(random, [null, undefined]) : randomValue(random, schema, type.ofType)
  }
  if (random() < 0.12) return pick(random, [null, undefined])
  if (isListType(type)) {
    if (random() < 0.03) return pick<unknown>(random, [5, 'text', {}])
    return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, schema, type.ofType))
  }
  if (isScalarType(type) || isEnumType(type)) {
    const misfits = MISFITS[type.name]
    return pick(random, misfits && random() < 0.04 ? misfits : (FITS[type.name] ?? []))
  }
  if (!isAbstractType(type)) return {}
  if (random() < 0.05) return pick(random, [{}, { __typename: 'Ghost' }, { __typename: 'Query' }])
  return { __typename: pick(random, schema.getPossibleTypes(type)).name }
}

/** A field that was resolved: where, without list positions, and under which type. */
export interface Visit {
  readonly path: readonly string[]
  readonly parentType: string
}

/** Runs graphql-js over `data`, which grows by random values where a field has none yet. */
export function executeOracle(
  random: Random,
  schema: GraphQLSchema,
  record: OperationRecord,
  variableValues: Readonly<Record<string, unknown>>,
  data: Record<string, unknown>,
  isRefused: (visit: Visit) => boolean = () => false,
) {
  const visits: Visit[] = []
  const fieldResolver: GraphQLFieldResolver<Record<string, unknown>, unknown> = (
    source,
    _args,
    _ctx,
    info,
  ) => {
    const path: string[] = []
    for (let step: typeof info.path | undefined = info.path; step; step = step.prev) {
      if (typeof step.key === 'string') path.unshift(step.key)
    }
    const visit = { path, parentType: info.parentType.name }
    visits.push(visit)
    if (isRefused(visit)) throw new Error('refused')
    const key = String(info.path.key)
    if (!Object.hasOwn(source, key)) source[key] = randomValue(random, schema, info.returnType)
    return source[key]
  }
  const typeResolver = (value: unknown) => (value as { __typename?: string }).__typename
  const result = executeSync({
    schema,
    document: record.document,
    rootValue: data,
    variableValues,
    fieldResolver,
    typeResolver,
  })
  return { data: result.data, errors: result.errors ?? [], visits }
}
