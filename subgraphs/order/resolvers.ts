import type { GraphQLResolveInfo } from 'graphql'
import type { Kysely } from 'kysely'
import { maySee, signedInUser } from '../kit/caller.js'
import { readPage, toConnection } from '../kit/connection.js'
import type { Connection, PageArguments } from '../kit/connection.js'
import { createEventHub } from '../kit/event-hub.js'
import type { EventHub } from '../kit/event-hub.js'
import { fault } from '../kit/faults.js'
import { multiply, sum } from '../kit/money.js'
import type { Money } from '../kit/money.js'
import { dateTimeScalar, decimalScalar } from '../kit/scalars.js'
import type { SubgraphContext } from '../kit/subgraph-context.js'
import { cancelOrder } from './cancel-order.js'
import { addToCart, cartId, cartOwner } from './cart.js'
import type { OrderLoaders } from './loaders.js'
import { placeOrder } from './place-order.js'
import type { PlaceOrderInput } from './place-order.js'
import { estimateShipping } from './shipping.js'
import type { LineRow, OrderRow, OrderStatus, OrderTables } from './tables.js'

type Context = SubgraphContext<OrderLoaders>

/** A stub of an entity whose fields are found in another subgraph, or by the resolvers of this one. */
interface Reference {
  readonly id: string
}

/** A cart is who it belongs to; its lines are looked up when they are asked for. */
interface Cart {
  readonly userId: string
}

/** An order has a new status. */
interface StatusChange {
  readonly tenantId: string
  readonly order: OrderRow
}

/** The resolvers of the order subgraph; mutations tell the subscriptions of this process what they changed. */
export function createOrderResolvers(db: Kysely<OrderTables>) {
  const changes = createEventHub<StatusChange>()
  return {
    DateTime: dateTimeScalar,
    Decimal: decimalScalar,
    Query: queryFields,
    Mutation: createMutationFields(db, changes),
    Subscription: { orderStatusChanged: createStatusSubscription(changes) },
    Order: orderFields,
    OrderLine: lineFields,
    Cart: cartFields,
    User: userFields,
    Product: productFields,
  }
}

const queryFields = {
  order: async (_root: unknown, { id }: Reference, { loaders }: Context): Promise<OrderRow | null> =>
    loaders.byId.load(id),
}

function createMutationFields(db: Kysely<OrderTables>, changes: EventHub<StatusChange>) {
  return {
    addToCart: async (
      _root: unknown,
      { productId, quantity }: { readonly productId: string; readonly quantity?: number | null },
      { caller, loaders }: Context,
    ): Promise<Cart> => {
      const userId = signedInUser(caller)
      const { tenantId } = caller
      await addToCart(db, { tenantId, userId, productId, quantity: quantity ?? 1, now: new Date() })
      loaders.cartLines.clear(userId)
      return { userId }
    },
    placeOrder: async (
      _root: unknown,
      { input }: { readonly input: PlaceOrderInput },
      { caller, loaders }: Context,
    ): Promise<OrderRow> => {
      const [userId, { tenantId }] = [signedInUser(caller), caller]
      const { order, isNew } = await placeOrder(db, { tenantId, userId, now: new Date() }, input)
      loaders.cartLines.clear(userId)
      loaders.orders.clearAll()
      if (isNew) changes.publish({ tenantId, order })
      return order
    },
    cancelOrder: async (
      _root: unknown,
      { id }: Reference,
      { caller, loaders }: Context,
    ): Promise<OrderRow> => {
      const [userId, { tenantId }] = [signedInUser(caller), caller]
      const order = await cancelOrder(db, { tenantId, userId, id })
      loaders.byId.clear(id)
      loaders.orders.clearAll()
      changes.publish({ tenantId, order })
      return order
    },
  }
}

function createStatusSubscription(changes: EventHub<StatusChange>) {
  return {
    subscribe: async (
      _root: unknown,
      { orderId }: { readonly orderId?: string | null },
      { caller, loaders }: Context,
    ): Promise<AsyncIterable<StatusChange>> => {
      signedInUser(caller)
      if (typeof orderId === 'string' && (await loaders.byId.load(orderId)) === null) {
        throw fault('NOT_FOUND', 'There is no such order.')
      }
      return changes.listen(
        ({ tenantId, order }) =>
          tenantId === caller.tenantId &&
          maySee(caller, order.user_id) &&
          (typeof orderId !== 'string' || order.id === orderId),
      )
    },
    resolve: ({ order }: StatusChange): OrderRow => order,
  }
}

const orderFields = {
  __resolveReference: async ({ id }: Reference, { loaders }: Context): Promise<OrderRow | null> =>
    loaders.byId.load(id),
  placedAt: (order: OrderRow): Date => order.placed_at,
  customer: (order: OrderRow): Reference => ({ id: order.user_id }),
  lines: async (order: OrderRow, _args: unknown, { loaders }: Context): Promise<readonly LineRow[]> =>
    loaders.lines.load(order.id),
  total: (order: OrderRow): Money => ({ amount: order.total_amount, currency: order.currency }),
}

const lineFields = {
  product: (line: LineRow): Reference => ({ id: line.product_id }),
  unitPrice: unitPrice,
  total: lineTotal,
}

function unitPrice(line: LineRow): Money {
  return { amount: line.unit_amount, currency: line.currency }
}

function lineTotal(line: LineRow): Money {
  return multiply(unitPrice(line), line.quantity)
}

const cartFields = {
  __resolveReference: ({ id }: Reference, { caller }: Context): Cart | null => {
    const userId = cartOwner(id)
    return userId !== undefined && maySee(caller, userId) ? { userId } : null
  },
  id: ({ userId }: Cart): string => cartId(userId),
  lines: async ({ userId }: Cart, _args: unknown, { loaders }: Context): Promise<readonly LineRow[]> =>
    loaders.cartLines.load(userId),
  itemCount: async ({ userId }: Cart, _args: unknown, { loaders }: Context): Promise<number> =>
    (await loaders.cartLines.load(userId)).reduce((count, line) => count + line.quantity, 0),
  subtotal: async ({ userId }: Cart, _args: unknown, { loaders }: Context): Promise<Money> =>
    sum((await loaders.cartLines.load(userId)).map(lineTotal)),
}

const userFields = {
  orders: async (
    user: Reference,
    args: PageArguments & { readonly status?: OrderStatus | null },
    { loaders }: Context,
    info: GraphQLResolveInfo,
  ): Promise<Connection<OrderRow>> => {
    const request = { ...readPage(args, 10, 'orders', info), status: args.status ?? null }
    const page = await loaders.orders.load({ parentId: user.id, arguments: request })
    return toConnection(page, request, 'orders', (order) => [order.seq])
  },
  cart: (user: Reference, _args: unknown, { caller }: Context): Cart => {
    if (!maySee(caller, user.id)) throw fault('FORBIDDEN', 'This cart is of somebody else.')
    return { userId: user.id }
  },
}

const productFields = {
  shippingEstimate: (
    product: Reference & { readonly weightGrams: number; readonly price: Money },
    { country }: { readonly country?: string | null },
  ): Money => estimateShipping(product.weightGrams, product.price, country ?? 'DE'),
}
