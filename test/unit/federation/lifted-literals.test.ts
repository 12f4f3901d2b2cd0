/** Plans with lifted literals, executed: subgraphs must come to hear what the client wrote. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  execute,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLInputType,
  type GraphQLObjectType,
} from 'graphql'
import { createExecution, executionOptions, type Execution } from '../../../src/execution/index.js'
import { createPlanning, type Planning } from '../../../src/federation/index.js'
import type { AnswerBody } from '../../../src/kernel/answer.js'
import type { JsonObject } from '../../../src/kernel/json.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { QueryPlan } from '../../../src/kernel/query-plan.js'
import { buildLocalSchema, createLocalCall, type Row } from '../../support/local-subgraph.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { createRandom, type Random } from '../../support/random-operations.js'
import { plannedOf } from '../execution/world.js'
import { makeOptions, makeRecord } from './graphs.js'

/** A failure prints its seed: LIFTED_SEED runs that case again. LIFTED_CASES runs more of them. */
const FIRST_SEED = Number(process.env['LIFTED_SEED'] ?? 1)
const CASES = Number(process.env['LIFTED_CASES'] ?? (process.env['LIFTED_SEED'] === undefined ? 60 : 1))

/** What subgraphs declare differs wherever composition lets it: nullability, members of inputs and enums, defaults. */
const SUBGRAPHS = [
  {
    name: 'a',
    typeDefs: `
      type Query {
        thing(id: ID!, n: Int = 5, at: Any): Thing
        things(ids: [ID!], grid: [[Int]!], filter: Filter, filters: [Filter!], size: Size): [Thing!]!
        shared(n: Int, ids: [ID], filter: Filter): String @shareable
      }
      type Mutation { add(name: String!, filter: Filter): Thing!  drop(ids: [ID!]!): Thing! }
      type Thing @key(fields: "id") {
        id: ID!
        named(upTo: Int, like: String = "x", f: Float): String
        base(unit: String, size: Size): String
        next(id: ID): Thing
      }
      input Filter { min: Int! = 1  name: String  size: Size  sizes: [Size!]  f: Float  at: Any  and: [Filter!]  own: Int }
      enum Size { S M OWN }
      scalar Any
    `,
  },
  {
    name: 'b',
    typeDefs: `
      type Query { shared(n: Int!, ids: [ID!]!, filter: Filter): String @shareable }
      type Thing @key(fields: "id") {
        id: ID!
        base(unit: String, size: Size): String @external
        rated(by: Filter, ids: [ID!]! = [], b: Boolean, at: Any): String
        derived(of: Int): String @requires(fields: "base(unit: \\"cm\\", size: S)")
        around(n: Int!, id: ID): [Thing!]!
      }
      input Filter { min: Int! = 1  name: String  size: Size  sizes: [Size!]  f: Float  at: Any  and: [Filter!] }
      enum Size { S M }
      scalar Any
    `,
  },
] as const

const supergraph = makeSupergraph(SUBGRAPHS)

/** Tells in the answer with which arguments a field was called. */
const echo: GraphQLFieldResolver<Row, unknown> = (source, args: Row, _, { fieldName, returnType }) => {
  const heard = `${fieldName} ${sortedJson(args)}`
  if (fieldName === 'id') return source['id']
  if (!isCompositeType(getNamedType(returnType))) return heard
  const thing = {
    __typename: 'Thing',
    id: `${typeof source['id'] === 'string' ? source['id'] : 'root'}/${heard}`,
  }
  return isListType(isNonNullType(returnType) ? returnType.ofType : returnType)
    ? [thing, { ...thing, id: `${thing.id}'` }]
    : thing
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

function createSubgraphs() {
  return createLocalCall(
    new Map(
      SUBGRAPHS.map((subgraph) => [
        subgraph.name,
        { schema: buildLocalSchema(subgraph, (row) => row), fieldResolver: echo },
      ]),
    ),
  )
}

describe.each(['auto', 'apollo'] as const)('operations with literals, planned by %s', (planner) => {
  let planning: Planning
  let execution: Execution

  beforeAll(async () => {
    const ports = { supergraph, logger: SILENT_LOGGER }
    planning = await createPlanning(makeOptions({ planner }), ports)
    execution = createExecution(executionOptions.parse({}), { ...ports, call: createSubgraphs() })
  })

  afterAll(() => planning.close())

  async function answer(query: string, variables: JsonObject): Promise<AnswerBody & { plan?: QueryPlan }> {
    const record = makeRecord(query)
    const { plan, valuesFor } = await planning.plan(record)
    const context = plannedOf({ query, variables, planVariables: valuesFor(variables) })
    const { answer: made } = await execution.shape.run(await execution.fetch.run({ ...context, plan }))
    return JSON.parse(made.text) as AnswerBody
  }

  it('are answered as if nothing had been lifted', async () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed += 1) {
      const query = randomQuery(createRandom(seed))
      const variables = { s: 'said', n: 7 }
      const expected = await execute({
        schema: supergraph.apiSchema,
        document: parse(query),
        rootValue: {},
        variableValues: variables,
        fieldResolver: echo,
      })
      expect({ seed, query, answer: await answer(query, variables) }).toEqual({
        seed,
        query,
        answer: JSON.parse(JSON.stringify(expected)),
      })
    }
  })

  it('share one plan for all values', async () => {
    const ask = (value: number) => `{
      things(ids: ["${value}"], filter: { name: "${value}", min: ${value} }) { around(n: ${value}) { named(upTo: ${value}) } }
    }`
    const [one, other] = await Promise.all([
      planning.plan(makeRecord(ask(1))),
      planning.plan(makeRecord(ask(2))),
    ])
    expect(other.plan).toBe(one.plan)
    expect(JSON.stringify(await answer(ask(1), {})).replaceAll('1', '2')).toBe(
      JSON.stringify(await answer(ask(2), {})),
    )
  })
})

/** A valid operation whose every argument is a random literal, or one of two variables. */
function randomQuery(random: Random): string {
  for (;;) {
    const isMutation = random() < 0.1
    const root = isMutation ? supergraph.apiSchema.getMutationType() : supergraph.apiSchema.getQueryType()
    if (!root) throw new Error('The graph has no root type.')
    const body = writeSelections(random, root, 4)
    const declared = [
      ...(body.includes('$s') ? ['$s: String'] : []),
      ...(body.includes('$n') ? ['$n: Int! = 3'] : []),
    ]
    const head = declared.length > 0 ? `(${declared.join(', ')})` : ''
    const query = `${isMutation ? 'mutation' : 'query'} Q${head} ${body}`
    if (validate(supergraph.apiSchema, parse(query)).length === 0) return query
  }
}

function writeSelections(random: Random, type: GraphQLObjectType, depth: number): string {
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 0 || !isCompositeType(getNamedType(field.type)),
  )
  const count = 1 + Math.floor(random() * 3)
  const selections = Array.from({ length: count }, (_, index) => {
    const field = pick(random, fields)
    const written =
      random() < 0.5 ? writeBare(random, field, depth) : `a${index}: ${writeField(random, field, depth)}`
    return random() < 0.2 ? `... on ${type.name} { ${written} }` : written
  })
  return `{ ${selections.join(' ')} }`
}

/** A field under its own name. That of a requirement has the arguments of the requirement: planners confuse others. */
function writeBare(random: Random, field: GraphQLField<unknown, unknown>, depth: number): string {
  return field.name === 'base' ? 'base(unit: "cm", size: S)' : writeField(random, field, depth)
}

function writeField(random: Random, field: GraphQLField<unknown, unknown>, depth: number): string {
  const args = field.args.flatMap((arg) => writeArgument(random, arg))
  const inner = getNamedType(field.type)
  const below = isObjectType(inner) ? writeSelections(random, inner, depth - 1) : ''
  return `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''} ${below}`
}

function writeArgument(random: Random, { name, type }: GraphQLArgument): string[] {
  return isNonNullType(type) || random() < 0.5 ? [`${name}: ${writeValue(random, type, 3)}`] : []
}

function writeValue(random: Random, type: GraphQLInputType, depth: number): string {
  if (isNonNullType(type)) return writeValue(random, type.ofType, depth + 100)
  const mayBeNull = depth < 100
  if (mayBeNull && random() < 0.1) return 'null'
  if (isListType(type)) {
    if (random() < 0.2)
      return writeValue(random, isNonNullType(type.ofType) ? type.ofType.ofType : type.ofType, 101)
    const items = Array.from({ length: Math.floor(random() * 3) }, () =>
      writeValue(random, type.ofType, (depth % 100) - 1),
    )
    return `[${items.join(', ')}]`
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(() => depth % 100 > 0 && random() < 0.3)
    return `{ ${fields.map((field) => `${field.name}: ${writeValue(random, field.type, (depth % 100) - 1)}`).join(', ')} }`
  }
  if (isEnumType(type)) return pick(random, type.getValues()).name
  return writeScalar(random, type.name)
}

function writeScalar(random: Random, name: string): string {
  switch (name) {
    case 'Int':
      return pick(random, ['1', '-2', '0', '$n'])
    case 'Float':
      return pick(random, ['1', '1.5', '-1e3', '-0.0'])
    case 'Boolean':
      return pick(random, ['true', 'false'])
    case 'ID':
      return pick(random, ['1', '"1"', '"p-93"', '12345678901234567890'])
    case 'String':
      return pick(random, ['"cm"', '"""a "quoted" \\n"""', '"\\u{1F600}\\n\\""', '""', '$s'])
    default:
      return pick(random, ['1', '"text"', '{ any: [1, { thing: "x" }] }', 'true', '[1, "2"]'])
  }
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T
}
