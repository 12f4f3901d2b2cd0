import { getDirective } from '@graphql-tools/utils'
import { describe, expect, it } from '@jest/globals'
import { isObjectType, type GraphQLField, type GraphQLSchema } from 'graphql'
import { createPolicySchema, PolicyError } from '../../../src/authorization/index.js'
import type { PolicyCheck, PolicySchema, ToDenial } from '../../../src/kernel/policy-schema.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { ANONYMOUS, graph, oneLine, operationOf } from './world.js'

const SHOP = graph(`
  type Query {
    search(text: String!, filter: Filter, tag: Tag = NEW): [Product!]! @rateLimit(limit: 30, duration: 60)
    anything: [Thing!]!
    node: Node
  }
  type Mutation { order(amount: Int = 2): Product @rateLimit(limit: 2, duration: 60) }
  input Filter { min: Int = 1 inner: Filter hidden: Int @inaccessible }
  enum Tag { NEW OLD SECRET @inaccessible }
  interface Node { id: ID! }
  type Product implements Node @rateLimit(limit: 5, duration: 1) { id: ID! price(at: Date): Int! cost: Int @inaccessible }
  type Review implements Node { id: ID! stars: Int }
  type Ghost @inaccessible { id: ID! }
  union Thing = Product | Review
  scalar Date
`)

const unauthorized: ToDenial = (error) => ({
  code: 'FIELD_RATE_LIMITED',
  message: error instanceof Error ? error.message : '?',
})
const context = { principal: ANONYMOUS, requestId: 'r' }

function fieldOf(schema: GraphQLSchema, coordinate: string): GraphQLField<unknown, unknown> {
  const [typeName = '', fieldName = ''] = coordinate.split('.')
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (!field) throw new Error(`no ${coordinate}`)
  return field
}

/** A check whose named fields throw, or do what `act` does. */
function checkOn(
  policySchema: PolicySchema,
  act: Readonly<Record<string, (args: unknown) => unknown>>,
): PolicyCheck {
  return policySchema.check((schema) => {
    for (const [coordinate, does] of Object.entries(act)) {
      const field = fieldOf(schema, coordinate)
      const allowed = field.resolve
      field.resolve = (parent, args, ctx, info) => does(args) ?? allowed?.(parent, args, ctx, info)
    }
    return schema
  }, unauthorized)
}

describe('the policy schema', () => {
  it('has what the API schema has, and nothing inaccessible', () => {
    const { schema } = createPolicySchema(SHOP).check((one) => one, unauthorized)
    expect(schema.getType('Ghost')).toBeUndefined()
    expect(schema.getType('join__Graph')).toBeUndefined()
    expect(() => fieldOf(schema, 'Product.cost')).toThrow()
    expect(fieldOf(schema, 'Query.search').args.map((arg) => `${arg.name}: ${String(arg.type)}`)).toEqual([
      'text: String!',
      'filter: Filter',
      'tag: Tag',
    ])
    expect(fieldOf(schema, 'Query.search').args[2]?.defaultValue).toBe('NEW')
    expect(schema.getDirective('join__type')).toBeFalsy()
  })

  it('makes output types nullable and single, and abstract ones lists', () => {
    const { schema } = createPolicySchema(SHOP).check((one) => one, unauthorized)
    expect(String(fieldOf(schema, 'Query.search').type)).toBe('Product')
    expect(String(fieldOf(schema, 'Query.anything').type)).toBe('[Thing]')
    expect(String(fieldOf(schema, 'Query.node').type)).toBe('[Node]')
    expect(String(fieldOf(schema, 'Product.price').type)).toBe('Int')
  })

  it('shows custom directives with their arguments to policy libraries', () => {
    createPolicySchema(SHOP).check((schema) => {
      const limit = (coordinate: string): unknown =>
        getDirective(schema, fieldOf(schema, coordinate), 'rateLimit')
      expect(limit('Query.search')).toEqual([{ limit: 30, duration: 60 }])
      expect(limit('Mutation.order')).toEqual([{ limit: 2, duration: 60 }])
      const product = schema.getType('Product')
      expect(product && getDirective(schema, product, 'rateLimit')).toEqual([{ limit: 5, duration: 1 }])
      return schema
    }, unauthorized)
  })

  it('refuses to be built with a hole', () => {
    const larger = makeSupergraph([{ name: 'a', typeDefs: 'type Query { known: Int unknown: Int }' }])
    const smaller = makeSupergraph([{ name: 'a', typeDefs: 'type Query { known: Int }' }])
    const torn = { ...larger, sdl: smaller.sdl }
    expect(() => createPolicySchema(torn)).toThrow(PolicyError)
    expect(() => createPolicySchema(torn)).toThrow('does not cover Query.unknown')
  })

  it('refuses a transformation that makes a hole', () => {
    const other = createPolicySchema(makeSupergraph([{ name: 'a', typeDefs: 'type Query { x: Int }' }]))
    const { schema } = other.check((one) => one, unauthorized)
    expect(() => createPolicySchema(SHOP).check(() => schema, unauthorized)).toThrow(PolicyError)
  })
})

describe('asking', () => {
  it('runs resolvers with coerced arguments, defaults and variables', async () => {
    const seen: unknown[] = []
    const check = checkOn(createPolicySchema(SHOP), { 'Query.search': (args) => void seen.push(args) })
    const operation = operationOf(
      SHOP,
      'query ($t: String!) { search(text: $t, filter: { inner: {} }) { id } }',
    )
    expect(await check.ask(operation, { t: 'tea' }, context)).toEqual([])
    expect(seen[0]).toEqual({ text: 'tea', filter: { min: 1, inner: { min: 1 } }, tag: 'NEW' })
  })

  it('takes a returned error, a thrown one and a rejection for a refusal', async () => {
    for (const does of [
      () => new Error('no'),
      () => {
        throw new Error('no')
      },
      () => Promise.reject(new Error('no')),
    ]) {
      const check = checkOn(createPolicySchema(SHOP), { 'Mutation.order': does })
      const operation = operationOf(SHOP, 'mutation { a: order { id } order(amount: 1) { id } }')
      const denials = await check.ask(operation, {}, context)
      expect(denials.map((denial) => denial.path)).toEqual([['a'], ['order']])
      expect(denials[0]).toMatchObject({
        code: 'FIELD_RATE_LIMITED',
        message: 'no',
        coordinate: 'Mutation.order',
      })
    }
  })

  it('joins refusals of several types at one path', async () => {
    const no = (): Error => new Error('no')
    const check = checkOn(createPolicySchema(SHOP), { 'Product.id': no, 'Review.id': no })
    const operation = operationOf(
      SHOP,
      '{ anything { ... on Product { id price } ... on Review { id stars } } }',
    )
    const denials = await check.ask(operation, {}, context)
    expect(denials).toHaveLength(1)
    expect(denials[0]).toMatchObject({
      path: ['anything', 'id'],
      parentTypes: new Set(['Product', 'Review']),
    })
  })

  it('lets a fault of the verdict itself through: it is no consent', async () => {
    const policySchema = createPolicySchema(SHOP)
    const check = policySchema.check(
      (schema) => {
        fieldOf(schema, 'Mutation.order').resolve = () => new Error('no')
        return schema
      },
      () => {
        throw new TypeError('broken')
      },
    )
    await expect(check.ask(operationOf(SHOP, 'mutation { order { id } }'), {}, context)).rejects.toThrow(
      'broken',
    )
  })

  it('does not count variables that do not fit as an answer', async () => {
    const check = createPolicySchema(SHOP).check((one) => one, unauthorized)
    const operation = operationOf(SHOP, 'query ($t: String!) { search(text: $t) { id } }')
    await expect(check.ask(operation, {}, context)).rejects.toThrow()
  })
})

describe('pruning', () => {
  const policySchema = createPolicySchema(SHOP)
  const denial = { coordinate: 'x', code: 'FORBIDDEN', message: '' } as const

  it('returns the very record when nothing is denied', () => {
    const operation = operationOf(SHOP, '{ node { id } }')
    expect(policySchema.prune(operation, [])).toBe(operation)
  })

  it('prunes what was pruned before', () => {
    const operation = operationOf(
      SHOP,
      'query Q { a: search(text: "a") { id price } b: search(text: "b") { id } node { id } }',
    )
    const once = policySchema.prune(operation, [
      { ...denial, path: ['a', 'price'], parentTypes: new Set(['Product']) },
    ])
    if (!once) throw new Error('nothing left')
    expect(oneLine(once)).toBe(
      'query Q { a: search(text: "a") { id } b: search(text: "b") { id } node { id } }',
    )
    const twice = policySchema.prune(once, [{ ...denial, path: ['b'], parentTypes: new Set(['Query']) }])
    expect(oneLine(twice)).toBe('query Q { a: search(text: "a") { id } node { id } }')
  })

  it('removes a field under one type and keeps it under the other', () => {
    const operation = operationOf(
      SHOP,
      '{ anything { ...N } } fragment N on Thing { ... on Product { id } ... on Review { id } }',
    )
    const pruned = policySchema.prune(operation, [
      { ...denial, path: ['anything', 'id'], parentTypes: new Set(['Review']) },
    ])
    expect(oneLine(pruned)).toBe('{ anything { ... on Thing { ... on Product { id } } __typename } }')
  })

  it('keeps a key __typename that a client uses for something else', () => {
    const operation = operationOf(SHOP, '{ anything { ... on Product { __typename: id price } } }')
    const pruned = policySchema.prune(operation, [
      { ...denial, path: ['anything', 'price'], parentTypes: new Set(['Product']) },
    ])
    expect(oneLine(pruned)).toBe(
      '{ anything { ... on Product { __typename: id } __gatehouse_typename: __typename } }',
    )
  })
})
