import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { IN_MEMORY } from '../../../subgraphs/kit/embedded-database.js'
import type { RunningSubgraph } from '../../../subgraphs/kit/subgraph-options.js'
import { startProductSubgraph } from '../../../subgraphs/product/server.js'
import { ask, caller, codes, SECRET } from './ask.js'

interface Item {
  readonly id: string
  readonly name: string
  readonly rating: number | null
  readonly inStock: boolean
  readonly price: { readonly amount: string }
}

const PAGE = `query ($after: String, $filter: ProductFilter, $sort: ProductSort) {
  products(first: 70, after: $after, filter: $filter, sort: $sort) {
    totalCount nodes { id name rating inStock price { amount } } pageInfo { hasNextPage endCursor } } }`

describe('the catalogue', () => {
  let product: RunningSubgraph
  beforeAll(async () => {
    product = await startProductSubgraph({ port: 0, secret: SECRET, dataDir: IN_MEMORY })
  })
  afterAll(() => product.close())

  const query = (text: string, variables = {}) => ask(product.url, caller(undefined), text, variables)

  /** Every page of a list, and the total that each of them named. */
  async function readAll(variables: object): Promise<{ items: readonly Item[]; total: number }> {
    const items: Item[] = []
    let after: string | null = null
    for (;;) {
      const answer = await query(PAGE, { ...variables, after })
      expect(codes(answer)).toEqual([])
      const { products } = answer.data as {
        products: { totalCount: number; nodes: Item[]; pageInfo: { hasNextPage: boolean; endCursor: string } }
      }
      items.push(...products.nodes)
      if (!products.pageInfo.hasNextPage) return { items, total: products.totalCount }
      after = products.pageInfo.endCursor
    }
  }

  const byPrice = (left: Item, right: Item): number => Number(left.price.amount) - Number(right.price.amount)
  const byRating = (left: Item, right: Item): number => (left.rating ?? 0) - (right.rating ?? 0)
  const byName = (left: Item, right: Item): number => (left.name < right.name ? -1 : 1)

  it.each([
    ['PRICE_ASC', byPrice],
    ['PRICE_DESC', (left: Item, right: Item) => byPrice(right, left)],
    ['RATING_ASC', byRating],
    ['RATING_DESC', (left: Item, right: Item) => byRating(right, left)],
    ['NAME_ASC', byName],
    ['CATALOGUE', (left: Item, right: Item) => Number(left.id.slice(2)) - Number(right.id.slice(2))],
  ])('comes in the order %s, every product once', async (sort, compare) => {
    const { items, total } = await readAll({ sort })
    expect(total).toBe(600)
    expect(new Set(items.map((item) => item.id)).size).toBe(600)
    const inOrder = items.every((item, index) => {
      const next = items[index + 1]
      return next === undefined || compare(item, next) <= 0
    })
    expect(inOrder).toBe(true)
  })

  it('keeps to every condition of a filter at once', async () => {
    const filter = { minPrice: '50', maxPrice: '99.99', inStock: true, categoryId: 'c-3' }
    const { items, total } = await readAll({ filter })
    expect(items.length).toBe(total)
    expect(total).toBeGreaterThan(0)
    for (const item of items) {
      expect(item.inStock).toBe(true)
      expect(Number(item.price.amount)).toBeGreaterThanOrEqual(50)
      expect(Number(item.price.amount)).toBeLessThan(100)
    }
  })

  it('finds by words in any case, and takes % and _ as they are', async () => {
    const search = 'query ($text: String!) { searchProducts(text: $text, first: 5) { name } }'
    const found = await query(search, { text: 'LAMP table' })
    const { searchProducts } = found.data as { searchProducts: { name: string }[] }
    expect(searchProducts).toHaveLength(5)
    for (const { name } of searchProducts) expect(name).toContain('Table Lamp')
    expect((await query(search, { text: '%' })).data).toEqual({ searchProducts: [] })
    expect(codes(await query(search, { text: '  ' }))).toEqual(['BAD_USER_INPUT'])
  })

  it('finds one product by id or by SKU, and wants exactly one of them', async () => {
    const both = await query('{ a: product(id: "p-1") { id sku } b: product(id: "p-0") { id } }')
    const { a, b } = both.data as { a: { sku: string }; b: null }
    expect(b).toBeNull()
    expect((await query('query ($sku: String) { product(sku: $sku) { id } }', a)).data).toEqual({
      product: { id: 'p-1' },
    })
    expect(codes(await query('{ product { id } }'))).toEqual(['BAD_USER_INPUT'])
    expect(codes(await query('{ product(id: "p-1", sku: "x") { id } }'))).toEqual(['BAD_USER_INPUT'])
  })

  it('shows pictures that are really there', async () => {
    const answer = await query(
      '{ product(id: "p-1") { name image(width: 200, format: SVG) { url width height alt } } }',
    )
    const { product: found } = answer.data as {
      product: { name: string; image: { url: string; width: number; height: number; alt: string } }
    }
    expect(found.image).toMatchObject({ width: 200, height: 200, alt: found.name })
    const picture = await fetch(found.image.url)
    expect([picture.status, picture.headers.get('content-type')]).toEqual([
      200,
      'image/svg+xml; charset=utf-8',
    ])
    expect(await picture.text()).toContain('<svg xmlns="http://www.w3.org/2000/svg" width="200"')
    expect((await fetch(new URL('/images/p-0.svg', product.url))).status).toBe(404)
    expect((await fetch(new URL('/images/p-1.svg?width=99999', product.url))).status).toBe(400)
    expect(codes(await query('{ product(id: "p-1") { image(width: 1) { url } } }'))).toEqual([
      'BAD_USER_INPUT',
    ])
  })

  it.each([
    ['a price that is none', { filter: { minPrice: 'cheap' } }],
    ['a cursor of another order', { after: 'WyJDQVRBTE9HVUUiLDEsMV0', sort: 'PRICE_ASC' }],
    [
      'a forged cursor',
      { after: Buffer.from('["PRICE_ASC","x",1]').toString('base64url'), sort: 'PRICE_ASC' },
    ],
    ['a number beyond all bounds', { after: Buffer.from('["CATALOGUE",1,9e14]').toString('base64url') }],
    ['a text with a NUL', { filter: { text: 'a\u0000b' } }],
  ])('refuses %s', async (_case, variables) => {
    expect(codes(await query(PAGE, variables))).toEqual(['BAD_USER_INPUT'])
  })
})
