/** The tables of the product subgraph. `numeric` arrives as exact text. */
export interface ProductTables {
  'product_service.categories': {
    tenant_id: string
    id: string
    seq: number
    name: string
    description: string
  }
  'product_service.products': {
    tenant_id: string
    id: string
    seq: number
    sku: string
    name: string
    description: string
    amount: string
    currency: string
    weight_grams: number
    in_stock: boolean
    rating: string | null
    category_id: string
  }
  'product_service.recommendations': {
    tenant_id: string
    user_id: string
    rank: number
    product_id: string
  }
}

export type ProductRow = Omit<ProductTables['product_service.products'], 'tenant_id'>
export type CategoryRow = Omit<ProductTables['product_service.categories'], 'tenant_id'>

export const PRODUCT_TABLE_DEFINITIONS: readonly string[] = [
  `create table product_service.categories (
    tenant_id text not null,
    id text not null,
    seq integer not null,
    name text not null,
    description text not null,
    primary key (tenant_id, id)
  )`,
  `create table product_service.products (
    tenant_id text not null,
    id text not null,
    seq integer not null,
    sku text not null,
    name text not null,
    description text not null,
    amount numeric(12, 2) not null check (amount >= 0),
    currency text not null,
    weight_grams integer not null check (weight_grams > 0),
    in_stock boolean not null,
    rating numeric(2, 1) check (rating between 1 and 5),
    category_id text not null,
    primary key (tenant_id, id),
    unique (tenant_id, sku),
    unique (tenant_id, seq),
    foreign key (tenant_id, category_id) references product_service.categories (tenant_id, id)
  )`,
  `create index products_by_price on product_service.products (tenant_id, amount, seq)`,
  `create index products_by_name on product_service.products (tenant_id, name, seq)`,
  `create index products_by_category on product_service.products (tenant_id, category_id, seq)`,
  `create table product_service.recommendations (
    tenant_id text not null,
    user_id text not null,
    rank integer not null,
    product_id text not null,
    primary key (tenant_id, user_id, rank),
    foreign key (tenant_id, product_id) references product_service.products (tenant_id, id)
  )`,
]
