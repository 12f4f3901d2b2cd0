import { describe, expect, it } from '@jest/globals'
import { execute, isObjectType, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql'
import { createPolicySchema } from '../../../src/authorization/index.js'
import type { OperationRecord } from '../../../src/kernel/operation.js'
import type { PolicyCheck, PolicyContext } from '../../../src/kernel/policy-schema.js'
import { createRandom, randomOperation, type Random } from '../../support/random-operations.js'
import { ANONYMOUS, graph, operationOf } from './world.js'

const ZOO = graph(`
  type Query { pet: Pet pets: [Pet!] thing: Thing farm: Farm user: User color: Color }
  interface Pet { id: ID! name: String friend: Pet owner: User }
  type Cat implements Pet { id: ID! name: String friend: Pet owner: User lives: Int }
  type Dog implements Pet { id: ID! name: String friend: Pet owner: User tricks: [String!] }
  union Thing = Dog | Stone | User
  type Stone { weight: Float }
  type Farm { pets: [Pet!]! owner: User color: Color! }
  type User { id: ID! name: String pets: [Pet] farm: Farm }
  enum Color { RED GREEN }
`)
const SCHEMAS = 8
const OPERATIONS = 15
const VARIABLES = [
  { x: true, y: true },
  { x: true, y: false },
  { x: false, y: true },
  { x: false, y: false },
]

interface Watching extends PolicyContext {
  readonly asked: Set<string>
}

/** Where a resolver was asked, with everything that a rule may look at. */
function describeCall(args: unknown, info: GraphQLResolveInfo): string {
  const path: string[] = []
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at; at = at.prev) {
    if (typeof at.key === 'string') path.unshift(at.key)
  }
  const { parentType, fieldName, fieldNodes, returnType, operation, variableValues, fragments } = info
  const places = fieldNodes.map(({ loc }) => loc?.start)
  return JSON.stringify([
    path,
    `${parentType.name}.${fieldName}: ${String(returnType)}`,
    places,
    [args, variableValues, operation.loc?.start, Object.keys(fragments)],
  ])
}

function hashOf(text: string): number {
  let hash = 7
  for (const character of text) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0
  return hash
}

/** Puts a watch on some fields, which refuses at some places, at once or later; the same way at one place always. */
function watchSome(schema: GraphQLSchema, random: Random): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (random() < 0.5) continue
      const allow = field.resolve
      field.resolve = (parent, args, context, info) => {
        const call = describeCall(args, info)
        ;(context as Watching).asked.add(call)
        switch (hashOf(call) % 7) {
          case 0:
            throw new Error('no')
          case 1:
            return new Error('no')
          case 2:
            return Promise.reject(new Error('no'))
          case 3:
          case 4:
            return Promise.resolve(allow?.(parent, args, context, info))
          default:
            return allow?.(parent, args, context, info)
        }
      }
    }
  }
  return schema
}

/** What is asked when a check is asked, and when graphql-js executes the operation on its schema. */
async function askBoth(check: PolicyCheck, operation: OperationRecord, variables: Record<string, boolean>) {
  const ours: Watching = { principal: ANONYMOUS, requestId: 'r', asked: new Set() }
  await check.ask(operation, variables, ours)
  const theirs = new Set<string>()
  await execute({
    schema: check.schema,
    document: operation.document,
    variableValues: variables,
    contextValue: { asked: theirs },
    rootValue: {},
  })
  return { ours: [...ours.asked].sort(), theirs: [...theirs].sort() }
}

describe('asking', () => {
  it('asks what an execution by graphql-js would ask, nothing less and nothing more', async () => {
    const seed = Date.now() % 1_000_000
    const random = createRandom(seed)
    let asked = 0
    for (let round = 0; round < SCHEMAS; round += 1) {
      const check = createPolicySchema(ZOO).check(
        (schema) => watchSome(schema, random),
        () => ({ code: 'FORBIDDEN', message: 'no' }),
      )
      for (let count = 0; count < OPERATIONS; count += 1) {
        const source = randomOperation(random, ZOO.apiSchema, 4)
        for (const variables of VARIABLES) {
          const { ours, theirs } = await askBoth(check, operationOf(ZOO, source), variables)
          expect({ seed, source, variables, asked: ours }).toEqual({ seed, source, variables, asked: theirs })
          asked += theirs.length
        }
      }
    }
    expect(asked).toBeGreaterThan(SCHEMAS * OPERATIONS)
  })

  it('asks for the root fields of a mutation one after the other, and for those of a query together', async () => {
    const order = async (kind: 'query' | 'mutation') => {
      const supergraph = graph('type Query { a: Int b: Int } type Mutation { a: Int b: Int }')
      const happened: string[] = []
      const check = createPolicySchema(supergraph).check(
        (schema) => {
          for (const root of [schema.getQueryType(), schema.getMutationType()]) {
            for (const field of Object.values(root?.getFields() ?? {})) {
              field.resolve = async () => {
                happened.push(`${field.name} begins`)
                await Promise.resolve()
                happened.push(`${field.name} ends`)
              }
            }
          }
          return schema
        },
        () => ({ code: 'FORBIDDEN', message: 'no' }),
      )
      await check.ask(
        operationOf(supergraph, `${kind} { a b }`),
        {},
        { principal: ANONYMOUS, requestId: 'r' },
      )
      return happened
    }
    expect(await order('mutation')).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
    expect(await order('query')).toEqual(['a begins', 'b begins', 'a ends', 'b ends'])
  })

  it('gives a resolver values of its own: what it does to them stays with it', async () => {
    const supergraph = graph(`
      type Query { find(by: By, list: [Int!]): Int other(by: By): Int }
      input By { name: String }
    `)
    const seen: unknown[] = []
    const check = createPolicySchema(supergraph).check(
      (schema) => {
        const field = schema.getQueryType()?.getFields()['find']
        if (field) {
          field.resolve = (_parent, args, _context, info) => {
            seen.push(structuredClone([args, info.variableValues]))
            const changed = args as { by: { name: string }; list: number[] }
            changed.by.name = 'changed'
            changed.list.push(1)
          }
        }
        return schema
      },
      () => ({ code: 'FORBIDDEN', message: 'no' }),
    )
    const operation = operationOf(supergraph, 'query ($by: By) { find(by: $by, list: [7]) }')
    const constant = operationOf(supergraph, '{ find(by: { name: "ann" }, list: [7]) }')
    const variables = { by: { name: 'ann' } }
    for (let times = 0; times < 2; times += 1) {
      await check.ask(operation, variables, { principal: ANONYMOUS, requestId: 'r' })
      await check.ask(constant, {}, { principal: ANONYMOUS, requestId: 'r' })
    }
    expect(variables).toEqual({ by: { name: 'ann' } })
    const args = { by: { name: 'ann' }, list: [7] }
    expect(seen).toEqual([
      [args, { by: { name: 'ann' } }],
      [args, {}],
      [args, { by: { name: 'ann' } }],
      [args, {}],
    ])
  })
})
