/**
 * The behaviour of the three subgraphs that must be the same on the embedded database and on a real one.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startOrderSubgraph } from '../../../subgraphs/order/server.js'
import { startProductSubgraph } from '../../../subgraphs/product/server.js'
import { startUserSubgraph } from '../../../subgraphs/user/server.js'
import type { RunningSubgraph, SubgraphOptions } from '../../../subgraphs/kit/subgraph-options.js'
import { ask, caller, codes, SECRET } from './ask.js'

type Place = Pick<SubgraphOptions, 'databaseUrl' | 'dataDir'>

const CART =
  '{ _entities(representations: [{ __typename: "User", id: "u-9" }]) { ... on User { cart { itemCount } } } }'
const ADD =
  'mutation ($id: ID!, $n: Int) { addToCart(productId: $id, quantity: $n) { id itemCount subtotal { amount } } }'
const PLACE = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { id number status total { amount } lines { quantity product { id } total { amount } } }
}`

export function describeShop(open: () => Promise<Place>): void {
  let subgraphs: Record<'user' | 'order' | 'product', RunningSubgraph>
  let statements: string[] = []

  beforeAll(async () => {
    const place = await open()
    const options = {
      ...place,
      port: 0,
      secret: SECRET,
      onStatement: (sql: string) => void statements.push(sql),
    }
    const [user, order, product] = await Promise.all([
      startUserSubgraph(options),
      startOrderSubgraph(options),
      startProductSubgraph(options),
    ])
    subgraphs = { user, order, product }
  }, 60_000)
  afterAll(async () => {
    await Promise.all(Object.values(subgraphs).map((subgraph) => subgraph.close()))
  })

  /** The statements that `act` made, without those that open and close a transaction. */
  async function statementsOf<T>(act: () => Promise<T>): Promise<{ result: T; made: readonly string[] }> {
    statements = []
    const result = await act()
    return { result, made: statements.filter((sql) => !/^(begin|commit)/.test(sql)) }
  }

  const representations = (type: string, ids: readonly string[]) =>
    ids.map((id) => ({ __typename: type, id }))
  const numbered = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${prefix}${n + 1}`)

  describe('batching', () => {
    it('finds k users and their notifications in one statement per table', async () => {
      const { result, made } = await statementsOf(() =>
        ask(
          subgraphs.user.url,
          caller('u-1', { scopes: ['admin'] }),
          `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User {
            name email unreadNotifications notifications(first: 2) { totalCount nodes { title } } } } }`,
          { r: representations('User', numbered('u-', 40)) },
        ),
      )
      expect(codes(result)).toEqual([])
      expect((result.data as { _entities: unknown[] })._entities).toHaveLength(40)
      expect(made.filter((sql) => sql.includes('"users"'))).toHaveLength(1)
      // One for the pages with their totals, one for the count of unread ones.
      expect(made).toHaveLength(3)
    })

    it('finds k products and their categories in one statement per table, by id or sku', async () => {
      const { result, made } = await statementsOf(() =>
        ask(
          subgraphs.product.url,
          caller(undefined),
          `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Product { sku price { amount } category { name } } } }`,
          { r: representations('Product', numbered('p-', 50)) },
        ),
      )
      expect(codes(result)).toEqual([])
      expect(made).toHaveLength(2)
    })

    it('finds the orders of k users and all their lines in one statement per table', async () => {
      const { result, made } = await statementsOf(() =>
        ask(
          subgraphs.order.url,
          caller('u-1', { scopes: ['admin'] }),
          `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User {
            orders(first: 3) { totalCount nodes { number lines { quantity product { id } } } } cart { itemCount subtotal { amount } } } } }`,
          { r: representations('User', numbered('u-', 30)) },
        ),
      )
      expect(codes(result)).toEqual([])
      expect(made).toHaveLength(3)
    })

    it('recommends to k users in one statement', async () => {
      const { result, made } = await statementsOf(() =>
        ask(
          subgraphs.product.url,
          caller('u-1', { scopes: ['admin'] }),
          `query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { recommendedProducts(first: 3) { name } } } }`,
          { r: representations('User', numbered('u-', 20)) },
        ),
      )
      const users = (result.data as { _entities: { recommendedProducts: unknown[] }[] })._entities
      expect(users.every((user) => user.recommendedProducts.length === 3)).toBe(true)
      expect(made).toHaveLength(1)
    })
  })

  describe('ownership', () => {
    it('gives nobody the order of somebody else, and an admin those of the own tenant', async () => {
      const query = '{ mine: order(id: "o-1") { number customer { id } } }'
      const of = async (who: Parameters<typeof ask>[1]) => (await ask(subgraphs.order.url, who, query)).data
      expect(await of(caller('u-1'))).toEqual({ mine: { number: 'A-100001', customer: { id: 'u-1' } } })
      expect(await of(caller('u-2'))).toEqual({ mine: null })
      expect(await of(caller(undefined))).toEqual({ mine: null })
      expect(await of(caller('u-2', { scopes: ['admin'] }))).toMatchObject({ mine: { number: 'A-100001' } })
      expect(await of(caller('g-u-2', { tenantId: 'globex', scopes: ['admin'] }))).toEqual({ mine: null })
      expect(await of(caller('u-1', { tenantId: 'globex' }))).toEqual({ mine: null })
    })

    it('shows personal lists to their owner only', async () => {
      const query = `{ _entities(representations: [{ __typename: "User", id: "u-1" }]) { ... on User {
        orders(first: 1) { totalCount nodes { id } } } } }`
      const own = await ask(subgraphs.order.url, caller('u-1'), query)
      const other = await ask(subgraphs.order.url, caller('u-2'), query)
      const [owned] = (own.data as { _entities: { orders: { totalCount: number } }[] })._entities
      expect(owned?.orders.totalCount).toBeGreaterThan(20)
      expect(other.data).toEqual({ _entities: [{ orders: { totalCount: 0, nodes: [] } }] })
    })

    it('refuses the cart of somebody else', async () => {
      const answer = await ask(subgraphs.order.url, caller('u-1'), CART)
      expect(codes(answer)).toEqual(['FORBIDDEN'])
    })

    it('does not find the products and users of another tenant', async () => {
      const product = await ask(subgraphs.product.url, caller(undefined), '{ product(id: "g-p-1") { id } }')
      const user = await ask(subgraphs.user.url, caller('u-1'), '{ user(id: "g-u-1") { id } }')
      expect([product.data, user.data]).toEqual([{ product: null }, { user: null }])
    })

    it('asks anonymous callers to sign in before anything changes', async () => {
      const answer = await ask(subgraphs.order.url, caller(undefined), ADD, { id: 'p-1', n: 1 })
      expect(codes(answer)).toEqual(['UNAUTHENTICATED'])
    })
  })

  describe('carts and orders', () => {
    it('lose nothing of twenty additions at once', async () => {
      const owner = caller('u-9')
      const before = await ask(subgraphs.order.url, owner, CART)
      const [{ cart }] = (before.data as { _entities: [{ cart: { itemCount: number } }] })._entities
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ask(subgraphs.order.url, owner, ADD, { id: 'p-7', n: 2 })),
      )
      expect(answers.flatMap(codes)).toEqual([])
      const after = await ask(subgraphs.order.url, owner, CART)
      expect(after.data).toEqual({ _entities: [{ cart: { itemCount: cart.itemCount + 40 } }] })
    })

    it('make one order of ten placements with one key, of what was in the cart, and empty it', async () => {
      const owner = caller('u-10')
      await ask(subgraphs.order.url, owner, ADD, { id: 'p-3', n: 2 })
      const added = await ask(subgraphs.order.url, owner, ADD, { id: 'p-4', n: 1 })
      const { addToCart } = added.data as { addToCart: { subtotal: { amount: string } } }
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          ask(subgraphs.order.url, owner, PLACE, { input: { idempotencyKey: 'once' } }),
        ),
      )
      expect(answers.flatMap(codes)).toEqual([])
      const orders = answers.map((answer) => (answer.data as { placeOrder: { id: string } }).placeOrder)
      expect(new Set(orders.map((order) => order.id)).size).toBe(1)
      expect(orders[0]).toMatchObject({ status: 'PENDING', total: addToCart.subtotal })
      const again = await ask(subgraphs.order.url, owner, PLACE, { input: { idempotencyKey: 'twice' } })
      expect(codes(again)).toEqual(['BAD_USER_INPUT'])
    })

    it('refuse a key that has placed a different order', async () => {
      const place = (quantity: number) =>
        ask(subgraphs.order.url, caller('u-11'), PLACE, {
          input: { idempotencyKey: 'changed', lines: [{ productId: 'p-5', quantity }] },
        })
      expect(codes(await place(1))).toEqual([])
      expect(codes(await place(1))).toEqual([])
      expect(codes(await place(2))).toEqual(['BAD_USER_INPUT'])
    })

    it('take back what a refused placement had begun', async () => {
      const owner = caller('u-12')
      const refused = await ask(subgraphs.order.url, owner, PLACE, {
        input: { idempotencyKey: 'k', lines: [{ productId: 'g-p-1', quantity: 1 }] },
      })
      expect(codes(refused)).toEqual(['NOT_FOUND'])
      const placed = await ask(subgraphs.order.url, owner, PLACE, {
        input: { idempotencyKey: 'k', lines: [{ productId: 'p-1', quantity: 1 }] },
      })
      expect(codes(placed)).toEqual([])
    })

    it('cancel an own open order once, and nobody else’s', async () => {
      const cancel = (who: string, id: string) =>
        ask(subgraphs.order.url, caller(who), 'mutation ($id: ID!) { cancelOrder(id: $id) { status } }', {
          id,
        })
      const placed = await ask(subgraphs.order.url, caller('u-13'), PLACE, {
        input: { idempotencyKey: 'k', lines: [{ productId: 'p-1', quantity: 1 }] },
      })
      const { id } = (placed.data as { placeOrder: { id: string } }).placeOrder
      expect(codes(await cancel('u-14', id))).toEqual(['NOT_FOUND'])
      expect((await cancel('u-13', id)).data).toEqual({ cancelOrder: { status: 'CANCELLED' } })
      expect(codes(await cancel('u-13', id))).toEqual(['BAD_USER_INPUT'])
    })

    it('bound what fits into a cart', async () => {
      const owner = caller('u-15')
      expect(codes(await ask(subgraphs.order.url, owner, ADD, { id: 'p-8', n: 0 }))).toEqual([
        'BAD_USER_INPUT',
      ])
      expect(codes(await ask(subgraphs.order.url, owner, ADD, { id: 'p-8', n: 1000 }))).toEqual([])
      expect(codes(await ask(subgraphs.order.url, owner, ADD, { id: 'p-8', n: 1 }))).toEqual([
        'BAD_USER_INPUT',
      ])
      expect(codes(await ask(subgraphs.order.url, owner, ADD, { id: 'nothing', n: 1 }))).toEqual([
        'NOT_FOUND',
      ])
    })
  })
}
