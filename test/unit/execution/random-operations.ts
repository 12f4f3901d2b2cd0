/** Random operations and random data over one schema, from a seed; graphql-js says what the answer must be. */
import {
  buildSchema,
  executeSync,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isScalarType,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'
import type { OperationRecord } from '../../../src/kernel/operation.js'

export const SDL = `
  scalar Any
  enum Color { RED GREEN }
  interface Node { id: ID! label: String }
  interface Named implements Node { id: ID! label: String name: String! }
  type User implements Node & Named { id: ID! label: String name: String! age: Int friends: [User!] best: User posts: [Post]! grid: [[Int!]] }
  type Post implements Node { id: ID! label: String title: String! score: Float color: Color! author: User! parts: [[Part!]]! any: Any }
  type Tag implements Node & Named { id: ID! label: String name: String! on: Boolean! }
  union Part = User | Post | Tag
  type Query { user: User me: User! nodes: [Node!] named: Named part: Part parts: [Part]! count: Int! flags: [Boolean!]! }
`

const FIELDS: Readonly<Record<string, readonly (readonly [string, string | undefined])[]>> = {
  Query: [
    ['user', 'User'],
    ['me', 'User'],
    ['nodes', 'Node'],
    ['named', 'Named'],
    ['part', 'Part'],
    ['parts', 'Part'],
    ['count', undefined],
    ['flags', undefined],
  ],
  Node: [
    ['id', undefined],
    ['label', undefined],
  ],
  Named: [
    ['id', undefined],
    ['label', undefined],
    ['name', undefined],
  ],
  User: [
    ['id', undefined],
    ['name', undefined],
    ['age', undefined],
    ['grid', undefined],
    ['friends', 'User'],
    ['best', 'User'],
    ['posts', 'Post'],
  ],
  Post: [
    ['id', undefined],
    ['title', undefined],
    ['score', undefined],
    ['color', undefined],
    ['any', undefined],
    ['author', 'User'],
    ['parts', 'Part'],
  ],
  Tag: [
    ['id', undefined],
    ['name', undefined],
    ['on', undefined],
  ],
  Part: [],
}
const NARROWER: Readonly<Record<string, readonly string[]>> = {
  Query: ['Query'],
  Node: ['User', 'Post', 'Tag', 'Named', 'Part'],
  Named: ['User', 'Tag', 'Node'],
  Part: ['User', 'Post', 'Tag', 'Node', 'Named'],
  User: ['User', 'Node', 'Part'],
  Post: ['Post', 'Node'],
  Tag: ['Tag', 'Named'],
}

export type Random = () => number

/** mulberry32: small, seeded, good enough to choose by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function pick<T>(random: Random, values: readonly T[]): T {
  if (values.length === 0) throw new Error('nothing to pick from')
  return values[Math.floor(random() * values.length)] as T
}

/** The text of an operation; not every one is valid, so that fields may merge in interesting ways. */
export function randomOperation(random: Random): string {
  const fragments: string[] = []
  const condition = () => {
    const roll = random()
    if (roll > 0.25) return ''
    return ` @${pick(random, ['skip', 'include'])}(if: ${pick(random, ['$x', '$y', 'true', 'false'])})`
  }
  function selectionSet(type: string, depth: number): string {
    const count = 1 + Math.floor(random() * 4)
    const selections = Array.from({ length: count }, () => selection(type, depth))
    return `{ ${selections.join(' ')} ${type === 'Part' || random() < 0.3 ? '__typename' : ''} }`
  }
  function selection(type: string, depth: number): string {
    const roll = random()
    if (roll < 0.1) return `${pick(random, ['', 'kind: '])}__typename`
    if (depth > 0 && (roll < 0.35 || type === 'Part')) return fragment(type, depth - 1)
    if (type === 'Query' && roll < 0.42) {
      return pick(random, ['__schema { queryType { name } }', 'u: __type(name: "User") { name kind }'])
    }
    const candidates = FIELDS[type]?.filter(([, inner]) => depth > 0 || inner === undefined) ?? []
    if (candidates.length === 0) return '__typename'
    const [name, inner] = pick(random, candidates)
    const alias = pick(random, ['', '', `${name}_1: `, `${name}_2: `])
    return `${alias}${name}${condition()}${inner === undefined ? '' : ` ${selectionSet(inner, depth - 1)}`}`
  }
  function fragment(type: string, depth: number): string {
    const on = pick(random, NARROWER[type] ?? [type])
    if (random() < 0.3) return `...${condition()} ${selectionSet(type, depth)}`
    if (random() < 0.6) return `... on ${on}${condition()} ${selectionSet(on, depth)}`
    const body = selectionSet(on, depth)
    fragments.push(`fragment F${fragments.length} on ${on} ${body}`)
    return `...F${fragments.length - 1}${condition()}`
  }
  // Validation wants every variable used; this field uses both and shows which way they went.
  const used = 'x: __typename @skip(if: $x) y: __typename @include(if: $y)'
  return `query($x: Boolean!, $y: Boolean!) { ${used} ... ${selectionSet('Query', 5)} } ${fragments.join(' ')}`
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

export const SCHEMA = buildSchema(SDL)
