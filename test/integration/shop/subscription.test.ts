/** Orders whose status changes, as a front end hears of them through the gateway. */
import { expect, it } from '@jest/globals'
import { describeWithShop } from '../../support/describe-with-shop.js'
import { askGraphql } from '../../support/graphql-client.js'
import { openStream } from '../../support/read-stream.js'

const CHANGED = {
  query: `subscription Changed {
    orderStatusChanged { status customer { name } lines { quantity product { name } } }
  }`,
}
const PLACE = `mutation Place($key: String!) {
  placeOrder(input: { idempotencyKey: $key, lines: [{ productId: "p-1", quantity: 2 }] }) { id }
}`

describeWithShop('orderStatusChanged through the gateway', 1, (world) => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  it('is refused without order:read before the order subgraph hears of it', async () => {
    const headers = { ...bearer(await world.shop.token('u-30')), 'x-request-id': 'without-scope-1' }
    const client = await openStream(world.url, CHANGED, headers)
    expect(await client.next()).toEqual({
      errors: [
        {
          message: expect.any(String),
          path: ['orderStatusChanged'],
          extensions: expect.objectContaining({ code: 'UNAUTHORIZED_FIELD_OR_TYPE' }),
        },
      ],
      data: null,
    })
    expect(await client.next()).toBe('complete')
    const heard = world.shop.subgraphs.order.requests().map(({ requestId }) => requestId)
    expect(heard).not.toContain('without-scope-1')
  })

  it('tells the customer of each change, with his name and the products from their own subgraphs', async () => {
    const token = await world.shop.token('u-30', ['order:read', 'order:write'])
    const other = await world.shop.token('u-31', ['order:read', 'order:write'])
    const client = await openStream(world.url, CHANGED, bearer(token))
    // The first beat: the source is open, so that nothing is missed.
    await client.until(':\n\n')
    await askGraphql(world.url, PLACE, { token: other, variables: { key: 'of-another' } })
    const placed = await askGraphql(world.url, PLACE, { token, variables: { key: 'my-own' } })
    const { id } = placed.data.placeOrder as { id: string }
    await askGraphql(world.url, 'mutation ($id: ID!) { cancelOrder(id: $id) { id } }', {
      token,
      variables: { id },
    })
    const { data } = await askGraphql(world.url, '{ me { name } product(id: "p-1") { name } }', { token })
    for (const status of ['PENDING', 'CANCELLED']) {
      expect(await client.next()).toEqual({
        data: {
          orderStatusChanged: {
            status,
            customer: { name: data.me.name },
            lines: [{ quantity: 2, product: { name: data.product.name } }],
          },
        },
      })
    }
    client.leave()
  })
})
