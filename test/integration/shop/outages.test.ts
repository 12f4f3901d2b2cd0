import { expect, it } from '@jest/globals'
import { eventually } from '../../support/eventually.js'
import { describeWithShop } from '../../support/describe-with-shop.js'
import { askGraphql, getJson, type ClientView } from '../../support/graphql-client.js'

const PAGE = '{ me { name cart { itemCount } } product(id: "p-1") { name } }'

describeWithShop('when something is away', 2, (world) => {
  const stateOf = async (name: string) => {
    const ready = await getJson(`${world.url}/health/ready`)
    return ready.body.dependencies.find((each: { name: string }) => each.name === name)?.state as string
  }

  /** Asks one after the other until told to stop, and keeps what came back. */
  function keepAsking(token: string) {
    const views: ClientView[] = []
    const asking = { on: true }
    const done = (async () => {
      while (asking.on && views.length < 5_000) {
        const query = '{ me { name } products(first: 2) { nodes { name } } }'
        views.push(await askGraphql(world.url, query, { token }))
      }
    })()
    return {
      views,
      /** Ends when so many more are answered. */
      async answers(count: number) {
        const asked = views.length
        await eventually(
          () => views.length,
          (now) => now >= asked + count,
        )
      },
      async stop() {
        asking.on = false
        await done
      },
    }
  }

  it('loses no request to a killed or frozen Redis, shows it, and shares again when it is back', async () => {
    const token = await world.shop.token('u-8')
    expect(await stateOf('redis')).toBe('up')
    const stream = keepAsking(token)
    await world.redis.kill()
    await eventually(
      () => stateOf('redis'),
      (state) => state === 'down',
    )
    expect((await getJson(`${world.url}/health/ready`)).status).toBe(200)
    await stream.answers(20)

    await world.redis.restart()
    await eventually(
      () => stateOf('redis'),
      (state) => state === 'up',
    )
    world.redis.pause()
    await eventually(
      () => stateOf('redis'),
      (state) => state === 'down',
    )
    await stream.answers(20)
    world.redis.resume()
    await eventually(
      () => stateOf('redis'),
      (state) => state === 'up',
    )
    await stream.stop()
    expect(stream.views.map(({ status, errors }) => [status, errors.length])).toEqual(
      stream.views.map(() => [200, 0]),
    )

    // Shared again: what one gateway counts, the other sees.
    const remaining = async (gateway: string) =>
      Number((await askGraphql(gateway, '{ __typename }', { token })).header('x-ratelimit-remaining'))
    await eventually(
      async () => [await remaining(world.url), await remaining(world.otherUrl)] as const,
      ([here, there]) => there === here - 1,
    )
  })

  it('answers in part while a subgraph is gone, and wholly again when it is back, without a restart', async () => {
    const token = await world.shop.token('u-9')
    expect(await askGraphql(world.url, PAGE, { token })).toMatchObject({ status: 200, errors: [] })

    await world.shop.subgraphs.product.kill()
    const partial = await askGraphql(world.url, PAGE, { token })
    expect(partial.status).toBe(200)
    expect(partial.errors).toEqual([
      {
        message: expect.any(String),
        path: ['product'],
        extensions: {
          code: expect.stringMatching(/^(SUBREQUEST_HTTP_ERROR|SUBGRAPH_UNAVAILABLE)$/),
          service: 'product',
        },
      },
    ])
    expect(partial.data).toEqual({
      me: { name: expect.any(String), cart: { itemCount: 0 } },
      product: null,
    })
    expect(partial.text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|http:|at .*\.js/)

    const orderOnly = await askGraphql(world.url, '{ me { name cart { itemCount } } }', { token })
    expect(orderOnly).toMatchObject({
      status: 200,
      errors: [],
      data: { me: { cart: { itemCount: expect.any(Number) } } },
    })
    expect(await getJson(`${world.url}/web/products/p-7`)).toMatchObject({
      status: expect.any(Number),
      body: { code: expect.stringMatching(/^(SUBREQUEST_HTTP_ERROR|SUBGRAPH_UNAVAILABLE)$/) },
    })
    await eventually(
      () => stateOf('subgraph product'),
      (state) => state !== 'up',
    )

    const home = await getJson(`${world.url}/mobile/home`, { token })
    expect(home).toMatchObject({ status: 200, body: { recommendedProducts: null, cartItemCount: 0 } })
    expect(home.body.greeting).toMatch(/^Hello, /)
    expect(home.header('x-bff-complete')).toBe('false')

    await world.shop.subgraphs.product.restart()
    const whole = await eventually(
      () => askGraphql(world.url, PAGE, { token }),
      (view) => view.errors.length === 0,
    )
    expect(whole.data.product.name).toEqual(expect.any(String))
    const homeAgain = await getJson(`${world.url}/mobile/home`, { token })
    expect(homeAgain.header('x-bff-complete')).toBe('true')
  })

  it('starts while a subgraph is down, serves the rest, and finds it later', async () => {
    await world.shop.subgraphs.user.kill()
    const gateway = await world.shop.addGateway()
    expect((await getJson(`${gateway.url}/health/ready`)).status).toBe(200)
    const view = await askGraphql(gateway.url, '{ products(first: 1) { nodes { name } } }')
    expect(view).toMatchObject({ status: 200, errors: [] })
    await world.shop.subgraphs.user.restart()
    const token = await world.shop.token('u-9')
    await eventually(
      () => askGraphql(gateway.url, '{ me { name } }', { token }),
      (seen) => seen.errors.length === 0,
    )
  })
})
