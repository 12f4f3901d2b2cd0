/** The tables of the order subgraph. `numeric` arrives as exact text. */
export interface OrderTables {
  /** What can be bought and for how much: this subgraph's own copy, because it may not read the catalogue. */
  'order_service.price_list': {
    tenant_id: string
    product_id: string
    amount: string
    currency: string
  }
  'order_service.orders': {
    tenant_id: string
    id: string
    seq: number
    number: string
    user_id: string
    status: OrderStatus
    placed_at: Date
    total_amount: string
    currency: string
    shipping_country: string
    note: string | null
  }
  'order_service.order_lines': {
    tenant_id: string
    order_id: string
    position: number
    product_id: string
    quantity: number
    unit_amount: string
    currency: string
  }
  'order_service.cart_lines': {
    tenant_id: string
    user_id: string
    product_id: string
    quantity: number
    added_at: Date
  }
  /** Which order an idempotency key made. */
  'order_service.placements': {
    tenant_id: string
    user_id: string
    idempotency_key: string
    fingerprint: string
    order_id: string
  }
}

export type OrderStatus = 'PENDING' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED'
export type OrderRow = Pick<
  OrderTables['order_service.orders'],
  'id' | 'seq' | 'number' | 'user_id' | 'status' | 'placed_at' | 'total_amount' | 'currency'
>

/** A line of an order or of a cart. */
export interface LineRow {
  readonly product_id: string
  readonly quantity: number
  readonly unit_amount: string
  readonly currency: string
}

export const ORDER_TABLE_DEFINITIONS: readonly string[] = [
  `create table order_service.price_list (
    tenant_id text not null,
    product_id text not null,
    amount numeric(12, 2) not null check (amount >= 0),
    currency text not null,
    primary key (tenant_id, product_id)
  )`,
  `create sequence order_service.order_seq as integer`,
  `create table order_service.orders (
    tenant_id text not null,
    id text not null,
    seq integer not null,
    number text not null,
    user_id text not null,
    status text not null check (status in ('PENDING', 'CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED')),
    placed_at timestamptz(3) not null,
    total_amount numeric(14, 2) not null check (total_amount >= 0),
    currency text not null,
    shipping_country text not null,
    note text,
    primary key (tenant_id, id),
    unique (tenant_id, number)
  )`,
  `create unique index orders_of_user on order_service.orders (tenant_id, user_id, seq)`,
  `create table order_service.order_lines (
    tenant_id text not null,
    order_id text not null,
    position integer not null,
    product_id text not null,
    quantity integer not null check (quantity > 0),
    unit_amount numeric(12, 2) not null check (unit_amount >= 0),
    currency text not null,
    primary key (tenant_id, order_id, position),
    foreign key (tenant_id, order_id) references order_service.orders (tenant_id, id)
  )`,
  `create table order_service.cart_lines (
    tenant_id text not null,
    user_id text not null,
    product_id text not null,
    quantity integer not null check (quantity between 1 and 1000),
    added_at timestamptz(3) not null,
    primary key (tenant_id, user_id, product_id),
    foreign key (tenant_id, product_id) references order_service.price_list (tenant_id, product_id)
  )`,
  // Deferred: a placement claims its key before the order that it makes exists.
  `create table order_service.placements (
    tenant_id text not null,
    user_id text not null,
    idempotency_key text not null,
    fingerprint text not null,
    order_id text not null,
    primary key (tenant_id, user_id, idempotency_key),
    foreign key (tenant_id, order_id) references order_service.orders (tenant_id, id)
      deferrable initially deferred
  )`,
]
