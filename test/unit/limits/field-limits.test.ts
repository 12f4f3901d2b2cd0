import { beforeAll, describe, expect, it } from '@jest/globals'
import { validate } from 'graphql'
import { createPolicySchema } from '../../../src/authorization/index.js'
import { infraOptions } from '../../../src/infra/options.js'
import { createRateCounter } from '../../../src/infra/rate-counter.js'
import type { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { Supergraph } from '../../../src/kernel/supergraph.js'
import type { Logger } from '../../../src/kernel/ports/logger.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import type { RateCounter } from '../../../src/kernel/ports/rate-counter.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { createFieldLimits } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { FEDERATION_LINK, makeSupergraph, RATE_LIMIT_LINK } from '../../support/make-supergraph.js'
import { ANONYMOUS, makeContext, makeOperation, makePrincipal } from './make-context.js'

const SHOP = `
  type Query {
    search(text: String): [Item!]! @rateLimit(limit: 2, duration: 60)
    suggest: [String!]! @rateLimit(limit: 2, duration: 60)
    items: [Item!]!
    anything: [Thing!]!
    report: Report
    login(name: String, more: More): Item @rateLimit(limit: 2, duration: 60, keyArguments: ["name", "more.realm"])
    many(ids: [ID!], first: Int): Item @rateLimit(limit: 10, duration: 60, weightBy: "ids")
    page(first: Int = 5): Item @rateLimit(limit: 10, duration: 60, weightBy: "first")
    kinds: [Kind!]!
  }
  input More { realm: String note: String }
  interface Kind { size: Int @rateLimit(limit: 1, duration: 60) }
  type Cat implements Kind { size: Int }
  type Dog implements Kind { size: Int @rateLimit(limit: 3, duration: 60) }
  type Subscription { sold: Item @rateLimit(limit: 1, duration: 60)  seen: Item }
  type Mutation { buy: Item @rateLimit(limit: 1, duration: 30) view: Item }
  interface Thing { id: ID! stock: Int }
  type Item implements Thing { id: ID! stock: Int @rateLimit(limit: 1, duration: 60) related: [Thing!]! }
  type Box implements Thing { id: ID! stock: Int }
  type Report @rateLimit(limit: 1, duration: 60) { sales: Int returns: Int }
`

describe('the field limits', () => {
  let supergraph: Supergraph
  beforeAll(() => {
    supergraph = makeSupergraph([{ name: 'shop', typeDefs: FEDERATION_LINK + RATE_LIMIT_LINK + SHOP }])
  })

  function createWorld(overrides: { readonly counter?: RateCounter; readonly logger?: Logger } = {}) {
    const clock = { nowMs: 0, now: () => clock.nowMs }
    const counter = overrides.counter ?? createRateCounter(undefined, infraOptions.parse({}), clock)
    const { stage, eventStage } = createFieldLimits(limitsOptions.parse({}), {
      counter,
      supergraph,
      policySchema: createPolicySchema(supergraph),
      logger: overrides.logger ?? SILENT_LOGGER,
    })
    const contextOf = (source: string, principal?: Principal, variables = {}) => {
      const operation = makeOperation(source)
      expect(validate(supergraph.apiSchema, operation.document)).toEqual([])
      return makeContext({ operation, variables, ...(principal ? { principal } : {}) })
    }
    const ask = async (source: string, principal?: Principal, variables = {}) =>
      stage.run(contextOf(source, principal, variables))
    return { clock, stage, eventStage, contextOf, ask }
  }

  it('let an operation without a limited field pass without waiting', () => {
    const { stage, contextOf } = createWorld()
    const context = contextOf('{ items { id } ...More } fragment More on Query { anything { id } }')
    expect(stage.run(context)).toEqual({ ...context, charge: { countedFields: 0 } })
  })

  it('refuse the field over its limit, keep the rest, and allow it again later', async () => {
    const { ask, clock, contextOf, stage } = createWorld()
    const source = '{ search { id } items { id } }'
    await expect(ask(source)).resolves.toMatchObject({ denials: [], charge: { countedFields: 1 } })
    await ask(source)
    clock.nowMs = 20_500

    const context = contextOf(source)
    const charged = await stage.run(context)
    expect(charged.denials).toEqual([
      {
        path: ['search'],
        parentTypes: new Set(['Query']),
        coordinate: 'Query.search',
        code: 'FIELD_RATE_LIMITED',
        message: 'Too many requests for Query.search, try again in 40 seconds.',
        extensions: { retryAfterSeconds: 40 },
      },
    ])
    expect(context.responseHead.get('retry-after')).toBe('40')
    expect(charged.permitted?.source).not.toContain('search')
    expect(charged.permitted?.source).toContain('items')
    expect(charged.operation.source).toBe(source)

    clock.nowMs = 60_000
    await expect(ask(source)).resolves.toMatchObject({ denials: [] })
  })

  it('count the root field of a subscription at its opening, and what is below in each event', async () => {
    const consumed: string[] = []
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => 0 })
    const createLimiter: RateCounter['createLimiter'] = (options) => {
      const limiter = counter.createLimiter(options)
      return Object.assign(Object.create(limiter) as typeof limiter, {
        consume: (key: string, points?: number) => {
          consumed.push(key.split(':', 1)[0] ?? '')
          return limiter.consume(key, points)
        },
      })
    }
    const { stage, eventStage, contextOf } = createWorld({ counter: { ...counter, createLimiter } })
    const context = () => contextOf('subscription { sold { id stock } }')
    expect(await stage.run(context())).toMatchObject({ denials: [], charge: { countedFields: 1 } })
    expect(await eventStage.run(context())).toMatchObject({ denials: [], charge: { countedFields: 1 } })
    expect(await eventStage.run(context())).toMatchObject({
      denials: [{ path: ['sold', 'stock'], code: 'FIELD_RATE_LIMITED' }],
    })
    await expect(stage.run(context())).rejects.toMatchObject({ code: 'FIELD_RATE_LIMITED', status: 429 })
    expect(consumed).toEqual(['Subscription.sold', 'Item.stock', 'Item.stock', 'Subscription.sold'])

    const unlimited = contextOf('subscription { seen { id } }')
    expect(eventStage.run(unlimited)).toEqual({ ...unlimited, charge: { countedFields: 0 } })
  })

  it('name no time for a call that weighs more than the limit allows at once', async () => {
    const { ask, contextOf, stage } = createWorld()
    const TOO_MUCH = {
      code: 'FIELD_RATE_LIMITED',
      message: 'One request for Query.page counts 11, more than the 10 that its limit allows at once.',
    }
    const context = contextOf('{ page(first: 11) { id } items { id } }')
    const { denials } = await stage.run(context)
    expect(denials).toMatchObject([TOO_MUCH])
    expect(denials[0]).not.toHaveProperty('extensions')
    expect(context.responseHead.get('retry-after')).toBeUndefined()

    const alone = contextOf('{ page(first: 11) { id } }')
    const refusal = await Promise.resolve(stage.run(alone)).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ ...TOO_MUCH, status: 429 })
    expect((refusal as GatewayError).extensions).toBeUndefined()
    expect(alone.responseHead.get('retry-after')).toBeUndefined()

    expect((await ask('{ page(first: 10) { id } }')).denials).toEqual([])
    const both = contextOf('{ heavy: page(first: 11) { id } page(first: 10) { id } }')
    await expect(stage.run(both)).rejects.toMatchObject({
      code: 'FIELD_RATE_LIMITED',
      message: 'Too many requests for Query.page, try again in 60 seconds.',
      extensions: { retryAfterSeconds: 60 },
    })
    expect(both.responseHead.get('retry-after')).toBe('60')
  })

  it('end the request with 429 when every root field is refused', async () => {
    const { ask, contextOf, stage } = createWorld()
    await ask('{ search { id } suggest }')
    await ask('{ search { id } suggest }')
    const context = contextOf('query Both { search { id } ...S } fragment S on Query { suggest }')
    await expect(stage.run(context)).rejects.toMatchObject({
      code: 'FIELD_RATE_LIMITED',
      status: 429,
      message: 'Too many requests for Query.search, try again in 60 seconds.',
      extensions: { retryAfterSeconds: 60 },
    })
    expect(context.responseHead.get('retry-after')).toBe('60')
  })

  it('count a root field that authorization refused among the refused', async () => {
    const { ask, contextOf, stage } = createWorld()
    await ask('{ search { id } }')
    await ask('{ search { id } }')
    const context = contextOf('{ search { id } report { sales } }')
    const denied = {
      path: ['report'],
      parentTypes: new Set(['Query']),
      coordinate: 'Query.report',
      code: 'UNAUTHORIZED_FIELD_OR_TYPE' as const,
      message: 'Unauthorized.',
    }
    const permitted = makeOperation('{ search { id } }')
    const run = async () => stage.run({ ...context, denials: [denied], permitted })
    await expect(run()).rejects.toMatchObject({ code: 'FIELD_RATE_LIMITED' })
  })

  it('do not end the request while the client asked for __typename beside', async () => {
    const { ask } = createWorld()
    await ask('{ search { id } }')
    await ask('{ search { id } }')
    await expect(ask('{ __typename search { id } }')).resolves.toMatchObject({
      denials: [{ coordinate: 'Query.search' }],
    })
  })

  it('count every alias, and refuse only those over the limit', async () => {
    const { ask } = createWorld()
    const charged = await ask('{ a: search { id } b: search { id } c: search { id } items { id } }')
    expect(charged.charge).toEqual({ countedFields: 3 })
    expect(charged.denials.map(({ path }) => path)).toEqual([['c']])
  })

  it('do not count what @skip and @include leave out', async () => {
    const { ask } = createWorld()
    const source = 'query ($no: Boolean!) { search @include(if: $no) { id } items { id } }'
    for (let time = 0; time < 5; time += 1) {
      const charged = await ask(source, undefined, { no: false })
      expect(charged).toMatchObject({ denials: [], charge: { countedFields: 0 } })
    }
    await expect(ask(source, undefined, { no: true })).resolves.toMatchObject({
      charge: { countedFields: 1 },
    })
  })

  it('count callers apart, and fields with the same limit apart', async () => {
    const { ask } = createWorld()
    const others = [
      makePrincipal({ key: 'user:acme:u-2' }),
      makePrincipal({ key: 'user:globex:u-1' }),
      ANONYMOUS,
    ]
    await ask('{ search { id } suggest items { id } }')
    await ask('{ search { id } items { id } }')
    for (const other of others) {
      await expect(ask('{ search { id } }', other)).resolves.toMatchObject({ denials: [] })
    }
    const charged = await ask('{ search { id } suggest items { id } }')
    expect(charged.denials.map(({ coordinate }) => coordinate)).toEqual(['Query.search'])
  })

  it('stop the mutation over its limit while its sibling runs', async () => {
    const { ask } = createWorld()
    const charged = await ask('mutation { one: buy { id } two: buy { id } view { id } }')
    expect(charged.denials).toMatchObject([{ path: ['two'], extensions: { retryAfterSeconds: 30 } }])
    expect(charged.permitted?.source).toContain('one')
    expect(charged.permitted?.source).not.toContain('two')
  })

  it('know limits on types, for each field by itself', async () => {
    const { ask } = createWorld()
    await expect(ask('{ report { sales } }')).resolves.toMatchObject({ denials: [] })
    const charged = await ask('{ report { sales returns } }')
    expect(charged.denials.map(({ coordinate }) => coordinate)).toEqual(['Report.sales'])
  })

  it('count the values of chosen arguments apart', async () => {
    const { ask } = createWorld()
    const login = (name: string, realm: string) =>
      ask('query ($n: String, $m: More) { login(name: $n, more: $m) { id } items { id } }', undefined, {
        n: name,
        m: { realm, note: String(Math.random()) },
      })
    for (let time = 0; time < 2; time += 1) {
      expect(await login('ann', 'a')).toMatchObject({ denials: [] })
    }
    expect((await login('ann', 'a')).denials).toMatchObject([{ coordinate: 'Query.login' }])
    expect(await login('ann', 'b')).toMatchObject({ denials: [] })
    expect(await login('bo', 'a')).toMatchObject({ denials: [] })
    expect(
      (await ask('{ login(more: { realm: "a" }, name: "ann") { id } items { id } }')).denials,
    ).toHaveLength(1)
  })

  it('count a call by the length of a list, or by a number; what is refused for it counts nothing', async () => {
    const { ask } = createWorld()
    const many = (ids: readonly string[]) =>
      ask('query ($ids: [ID!]) { many(ids: $ids) { id } items { id } }', undefined, { ids })
    expect(await many(['1', '2', '3', '4', '5', '6'])).toMatchObject({
      denials: [],
      charge: { countedFields: 1 },
    })
    expect((await many(['1', '2', '3', '4', '5'])).denials).toMatchObject([{ coordinate: 'Query.many' }])
    expect(await many(['1', '2', '3'])).toMatchObject({ denials: [] })
    expect(await many([])).toMatchObject({ denials: [] })
    expect((await many(['1'])).denials).toHaveLength(1)

    expect(await ask('{ a: page { id } b: page(first: 4) { id } items { id } }')).toMatchObject({
      denials: [],
    })
    expect(
      (await ask('{ page(first: -9) { id } a: page(first: 1) { id } items { id } }')).denials,
    ).toHaveLength(1)
  })

  it('hold an interface’s limit for each type that has none of its own', async () => {
    const { ask } = createWorld()
    await expect(ask('{ kinds { size } }')).resolves.toMatchObject({ denials: [] })
    const charged = await ask('{ kinds { size } }')
    expect(charged.denials).toMatchObject([{ coordinate: 'Cat.size' }])
    await expect(ask('{ kinds { ... on Dog { size } } }')).resolves.toMatchObject({ denials: [] })
    expect((await ask('{ kinds { ... on Dog { size } __typename } }')).denials).toMatchObject([
      { coordinate: 'Dog.size' },
    ])
  })

  it('count an occurrence under nested interfaces once', async () => {
    const { ask } = createWorld()
    const charged = await ask('{ anything { ... on Item { related { ... on Item { stock } } } } }')
    expect(charged).toMatchObject({ denials: [], charge: { countedFields: 1 } })
    const again = await ask('{ anything { stock id } }')
    expect(again.denials).toMatchObject([{ path: ['anything', 'stock'], code: 'FIELD_RATE_LIMITED' }])
  })

  it('do not ask when authorization left nothing', () => {
    const { stage, contextOf } = createWorld()
    const context = { ...contextOf('{ search { id } }'), permitted: null }
    expect(stage.run(context)).toMatchObject({ permitted: null, charge: { countedFields: 0 } })
  })

  it('leave other checks on the same policy schema alone', async () => {
    const policySchema = createPolicySchema(supergraph)
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => 0 })
    createFieldLimits(limitsOptions.parse({}), { counter, supergraph, policySchema, logger: SILENT_LOGGER })
    const plain = policySchema.check(
      (schema) => schema,
      () => ({ code: 'FORBIDDEN', message: 'never' }),
    )
    const operation = makeOperation('{ report { sales } search { id } }')
    for (let time = 0; time < 5; time += 1) {
      await expect(plain.ask(operation, {}, { principal: makePrincipal(), requestId: 'r' })).resolves.toEqual(
        [],
      )
    }
  })

  it('refuse a field whose count fails as a fault of ours, and log why', async () => {
    const faults: unknown[] = []
    const logger = { ...SILENT_LOGGER, error: (facts: object) => void faults.push(facts) }
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => 0 })
    const broken: RateCounter = {
      ...counter,
      createLimiter: (options) => {
        const limiter = counter.createLimiter(options)
        limiter.consume = () => Promise.reject(new TypeError('broken'))
        return limiter
      },
    }
    const { ask } = createWorld({ counter: broken, logger })
    const charged = await ask('{ search { id } items { id } }')
    expect(charged.denials).toMatchObject([
      { code: 'INTERNAL_SERVER_ERROR', message: 'Internal server error.' },
    ])
    expect(faults).toMatchObject([{ coordinate: 'Query.search', err: expect.any(TypeError) }])
  })

  it('go on with the counts of the generation before', async () => {
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => 0 })
    const before = createWorld({ counter })
    await before.ask('{ search { id } items { id } }')
    await before.ask('{ search { id } items { id } }')
    const charged = await createWorld({ counter }).ask('{ search { id } items { id } }')
    expect(charged.denials).toMatchObject([{ coordinate: 'Query.search' }])
  })

  it('can be switched off', async () => {
    const policySchema = createPolicySchema(supergraph)
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => 0 })
    const options = limitsOptions.parse({ fields: { enabled: false } })
    const { stage } = createFieldLimits(options, {
      counter,
      supergraph,
      policySchema,
      logger: SILENT_LOGGER,
    })
    const operation = makeOperation('mutation { buy { id } more: buy { id } }')
    expect(stage.run(makeContext({ operation }))).toMatchObject({ denials: [] })
  })
})
