import { expect, it } from '@jest/globals'
import { describeWithShop } from '../../support/describe-with-shop.js'
import { askGraphql, getJson } from '../../support/graphql-client.js'

const JOINED = `{
  me {
    name
    orders(first: 2) { nodes { number lines { quantity product { name shippingEstimate { amount } } } } }
    recommendedProducts(first: 3) { name }
  }
}`

describeWithShop('the reference shop, two gateways on one Redis', 2, (world) => {
  /** How often the order subgraph was asked on behalf of this request. */
  const askedOrder = (requestId: string | null) =>
    world.shop.subgraphs.order.requests().filter((request) => request.requestId === requestId)

  it('joins three subgraphs in one operation', async () => {
    const view = await askGraphql(world.url, JOINED, { token: await world.shop.token('u-1', ['order:read']) })
    expect(view).toMatchObject({ status: 200, errors: [] })
    expect(view.data.me.name).toBe('Ada Lovelace')
    expect(view.data.me.recommendedProducts).toHaveLength(3)
    const lines = view.data.me.orders.nodes.flatMap((order: { lines: object[] }) => order.lines)
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      expect(line).toEqual({
        quantity: expect.any(Number),
        product: {
          name: expect.any(String),
          shippingEstimate: { amount: expect.stringMatching(/^\d+\.\d\d$/) },
        },
      })
    }
  })

  it('keeps a field without its scope from the subgraph: null, a coded error at its path, the rest there', async () => {
    const token = await world.shop.token('u-1')
    const view = await askGraphql(
      world.url,
      '{ me { name orders(first: 2) { nodes { number } } } categories { name } }',
      { token },
    )
    expect(view.status).toBe(200)
    expect(view.data).toMatchObject({
      me: { name: 'Ada Lovelace', orders: null },
      categories: expect.any(Array),
    })
    expect(view.errors).toEqual([
      {
        message: expect.any(String),
        path: ['me', 'orders'],
        extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
      },
    ])
    expect(askedOrder(view.header('x-request-id'))).toEqual([])
  })

  it('never runs a mutation that an anonymous caller may not run', async () => {
    const countOrders = async () =>
      (await world.postgres.query('select count(*) from order_service.orders'))[0]
    const before = await countOrders()
    const view = await askGraphql(
      world.url,
      'mutation { placeOrder(input: { idempotencyKey: "anonymous-1", lines: [{ productId: "p-1", quantity: 1 }] }) { id } }',
    )
    expect(view.errors[0]?.extensions.code).toBe('UNAUTHORIZED_FIELD_OR_TYPE')
    expect(view.data ?? null).toBeNull()
    expect(askedOrder(view.header('x-request-id'))).toEqual([])
    expect(await countOrders()).toEqual(before)
  })

  it('places an order once per idempotency key', async () => {
    const token = await world.shop.token('u-3', ['order:read', 'order:write'])
    const place =
      'mutation { placeOrder(input: { idempotencyKey: "twice-1", lines: [{ productId: "p-1", quantity: 2 }] }) { id number total { amount } } }'
    const [first, second] = await Promise.all([
      askGraphql(world.url, place, { token }),
      askGraphql(world.otherUrl, place, { token }),
    ])
    expect(first.errors).toEqual([])
    expect(second.data).toEqual(first.data)
  })

  it('asks a shield rule before any subgraph', async () => {
    const token = await world.shop.token('u-4')
    const view = await askGraphql(
      world.url,
      'mutation { addToCart(productId: "p-1", quantity: 100) { itemCount } }',
      { token },
    )
    expect(view.errors[0]).toMatchObject({
      message: 'The quantity must be from 1 to 99.',
      path: ['addToCart'],
      extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' },
    })
    expect(askedOrder(view.header('x-request-id'))).toEqual([])
  })

  it('limits a field per user over both gateways', async () => {
    const [token, otherToken] = [await world.shop.token('u-5'), await world.shop.token('u-6')]
    const search = '{ searchProducts(text: "lamp", first: 1) { name } }'
    for (let call = 1; call <= 30; call += 1) {
      const view = await askGraphql(call % 2 === 0 ? world.url : world.otherUrl, search, { token })
      expect(view.errors).toEqual([])
    }
    const last = await askGraphql(world.url, search, { token })
    expect(last.status).toBe(429)
    expect(last.errors[0]).toMatchObject({
      extensions: { code: 'FIELD_RATE_LIMITED', retryAfterSeconds: expect.any(Number) },
    })
    expect(Number(last.header('retry-after'))).toBeGreaterThanOrEqual(1)
    expect((await askGraphql(world.otherUrl, search, { token })).status).toBe(429)
    expect((await askGraphql(world.url, search, { token: otherToken })).errors).toEqual([])
  })

  it('keeps the rest of an operation when only its limited field is used up', async () => {
    const token = await world.shop.token('u-7')
    const both = '{ me { name } a: searchProducts(text: "x", first: 1) { name } }'
    for (let call = 1; call <= 30; call += 1)
      await askGraphql(world.url, '{ searchProducts(text: "x", first: 1) { name } }', { token })
    const view = await askGraphql(world.url, both, { token })
    // searchProducts is non-null, so its null takes the whole data with it (GraphQL specification §6.4.4).
    expect(view).toMatchObject({ status: 200, data: null })
    expect(view.errors).toEqual([
      expect.objectContaining({
        path: ['a'],
        extensions: expect.objectContaining({ code: 'FIELD_RATE_LIMITED' }),
      }),
    ])
    expect(view.header('retry-after')).toMatch(/^\d+$/)
  })

  it('remembers a catalogue answer for both gateways', async () => {
    const text = '{ products(first: 3) { nodes { id name } } }'
    const first = await askGraphql(world.url, text)
    const second = await askGraphql(world.url, text)
    const third = await askGraphql(world.otherUrl, text)
    expect([first, second, third].map((view) => view.header('x-cache'))).toEqual(['MISS', 'HIT', 'HIT'])
    expect(second.text).toBe(first.text)
    expect(third.text).toBe(first.text)
    expect(third.header('age')).toMatch(/^\d+$/)
    expect(second.header('cache-control')).toMatch(/^public, max-age=\d+$/)
  })

  it('never mixes users or tenants', async () => {
    const [one, two, globex] = await Promise.all([
      world.shop.token('u-1'),
      world.shop.token('u-2'),
      world.shop.token('g-u-1', [], 'globex'),
    ])
    const query = '{ me { id name } categories { id name } product(id: "p-1") { name } }'
    const views = await Promise.all(
      [one, two, globex, one, two, globex].map((token) => askGraphql(world.url, query, { token })),
    )
    expect(views.map((view) => view.data.me.id)).toEqual(['u-1', 'u-2', 'g-u-1', 'u-1', 'u-2', 'g-u-1'])
    expect(views[2]?.data.product).toBeNull()
    expect(views[0]?.data.product).not.toBeNull()

    const catalogue = '{ products(first: 1) { nodes { id } } }'
    const [acme, other] = [
      await askGraphql(world.url, catalogue, { token: one }),
      await askGraphql(world.url, catalogue, { token: globex }),
    ]
    expect(acme.data.products.nodes[0].id).toMatch(/^p-/)
    expect(other.data.products.nodes[0].id).toMatch(/^g-p-/)
  })

  it('believes identity headers from nobody', async () => {
    const headers = {
      'x-user-id': 'u-1',
      'X-Tenant-ID': 'globex',
      'x-user-scopes': 'admin',
      x_user_id: 'u-1',
      'x-gateway-signature': 'v1=00',
    }
    const view = await askGraphql(world.url, '{ me { id } products(first: 1) { nodes { id } } }', { headers })
    expect(view.data).toMatchObject({
      me: null,
      products: { nodes: [{ id: expect.stringMatching(/^p-/) }] },
    })
  })

  it.each(['Bearer nonsense', 'Bearer a.b.c', 'Basic dTpw', 'Bearer'])(
    'refuses %p with 401, never as anonymous',
    async (authorization) => {
      const view = await askGraphql(world.url, '{ categories { name } }', { headers: { authorization } })
      expect(view.status).toBe(401)
      expect(view.errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
      expect(view.header('www-authenticate')).toMatch(/^Bearer/)
      expect(view.data).toBeUndefined()
    },
  )

  it('serves the phone its home screen', async () => {
    const anonymous = await getJson(`${world.url}/mobile/home`)
    expect(anonymous).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED', status: 401 } })
    expect(anonymous.header('content-type')).toMatch('application/problem+json')
    expect(anonymous.header('www-authenticate')).toMatch(/^Bearer/)

    const home = await getJson(`${world.url}/mobile/home`, { token: await world.shop.token('u-1') })
    expect(home.status).toBe(200)
    expect(home.header('x-bff-complete')).toBe('true')
    expect(Object.keys(home.body)).toEqual([
      'greeting',
      'recommendedProducts',
      'cartItemCount',
      'unreadNotifications',
    ])
    expect(home.body).toMatchObject({
      greeting: 'Hello, Ada!',
      cartItemCount: expect.any(Number),
      unreadNotifications: expect.any(Number),
    })
    expect(home.body.unreadNotifications).toBeGreaterThan(0)
    for (const product of home.body.recommendedProducts) {
      expect(Object.keys(product)).toEqual(['id', 'name', 'image', 'price'])
      expect(product.image.width).toBeLessThanOrEqual(200)
    }
    const image = await fetch(home.body.recommendedProducts[0].image.url)
    expect([image.status, image.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('image/svg+xml'),
    ])
  })

  it('applies scopes and limits to the web dashboard as on /graphql', async () => {
    expect((await getJson(`${world.url}/web/dashboard`)).status).toBe(401)
    const whole = await getJson(`${world.url}/web/dashboard`, {
      token: await world.shop.token('u-1', ['order:read']),
    })
    expect(whole.header('x-bff-complete')).toBe('true')
    expect(whole.body.orders.items.length).toBeGreaterThan(0)

    const without = await getJson(`${world.url}/web/dashboard`, { token: await world.shop.token('u-1') })
    expect(without).toMatchObject({
      status: 200,
      body: { orders: null, user: { name: 'Ada Lovelace' }, cart: { itemCount: expect.any(Number) } },
    })
    expect(without.header('x-bff-complete')).toBe('false')
    expect(Number(without.header('x-ratelimit-remaining'))).toBeLessThan(
      Number(whole.header('x-ratelimit-remaining')),
    )
  })

  it('serves the other endpoints', async () => {
    const token = await world.shop.token('u-1', ['order:read'])
    const dashboard = await getJson(`${world.url}/mobile/dashboard?orders=2`, { token })
    expect(dashboard.body.recentOrders).toHaveLength(2)
    expect(await getJson(`${world.url}/mobile/dashboard?orders=many`, { token })).toMatchObject({
      status: 400,
      body: { code: 'BAD_USER_INPUT' },
    })

    const product = await getJson(`${world.url}/web/products/p-1?country=US`)
    expect(product).toMatchObject({
      status: 200,
      body: { id: 'p-1', shippingEstimate: { currency: expect.any(String) } },
    })
    expect(
      await getJson(`${world.url}/web/products/p-1?country=US`, {
        headers: { 'if-none-match': product.header('etag') ?? '' },
      }),
    ).toMatchObject({ status: 304 })
    expect(await getJson(`${world.url}/web/products/p-99999`)).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    })
    expect(await getJson(`${world.url}/nowhere`)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
  })

  it('refuses the 301st request of an anonymous address in a minute, on both gateways together', async () => {
    const remaining = Number((await askGraphql(world.url, '{ __typename }')).header('x-ratelimit-remaining'))
    const asks = Array.from({ length: remaining }, (_, index) =>
      askGraphql(index % 2 === 0 ? world.url : world.otherUrl, '{ __typename }'),
    )
    expect((await Promise.all(asks)).every((view) => view.status === 200)).toBe(true)
    for (const gateway of [world.url, world.otherUrl]) {
      const refused = await askGraphql(gateway, '{ __typename }')
      expect(refused.status).toBe(429)
      expect(refused.errors[0]?.extensions.code).toBe('REQUEST_RATE_LIMITED')
      expect(refused.header('x-ratelimit-remaining')).toBe('0')
      expect(Number(refused.header('retry-after'))).toBeGreaterThanOrEqual(1)
    }
    expect(await getJson(`${world.url}/web/products/p-1`)).toMatchObject({
      status: 429,
      body: { code: 'REQUEST_RATE_LIMITED' },
    })
  })
})
