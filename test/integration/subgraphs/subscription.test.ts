import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { toIdentityHeaders } from '../../../src/contract/identity-headers.js'
import type { PropagatedIdentity } from '../../../src/contract/identity-headers.js'
import { signIdentity } from '../../../src/contract/identity-signature.js'
import { IN_MEMORY } from '../../../subgraphs/kit/embedded-database.js'
import type { RunningSubgraph } from '../../../subgraphs/kit/subgraph-options.js'
import { startOrderSubgraph } from '../../../subgraphs/order/server.js'
import { ask, caller, codes, SECRET } from './ask.js'

const WATCH = 'subscription { orderStatusChanged { status customer { id } lines { quantity } } }'
const PLACE = `mutation ($key: String!) { placeOrder(input: {
  idempotencyKey: $key, lines: [{ productId: "p-1", quantity: 2 }] }) { id } }`

describe('orderStatusChanged', () => {
  let order: RunningSubgraph
  beforeAll(async () => {
    order = await startOrderSubgraph({ port: 0, secret: SECRET, dataDir: IN_MEMORY })
  })
  afterAll(() => order.close())

  async function watch(
    identity: PropagatedIdentity,
  ): Promise<{ readUntil: (part: string) => Promise<string> }> {
    const body = JSON.stringify({ query: WATCH })
    const headers = toIdentityHeaders(identity)
    const response = await fetch(order.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...headers,
        ...signIdentity(headers, body, SECRET, Date.now() / 1000),
      },
      body,
    })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let seen = ''
    const readUntil = async (part: string): Promise<string> => {
      while (!seen.includes(part)) {
        const chunk = await reader?.read()
        if (chunk?.done !== false) throw new Error(`the stream ended before ${part}:\n${seen}`)
        seen += chunk.value
      }
      return seen
    }
    // The first beat: from here on nothing is missed.
    await readUntil(':\n\n')
    return { readUntil }
  }

  it('tells the owner of every change, and nobody else', async () => {
    const own = await watch(caller('u-20'))
    const other = await watch(caller('u-21'))
    const placed = await ask(order.url, caller('u-20'), PLACE, { key: 'a' })
    const { id } = (placed.data as { placeOrder: { id: string } }).placeOrder
    await ask(order.url, caller('u-20'), PLACE, { key: 'a' })
    await ask(order.url, caller('u-20'), 'mutation ($id: ID!) { cancelOrder(id: $id) { id } }', { id })
    await ask(order.url, caller('u-21'), PLACE, { key: 'b' })
    const heard = await own.readUntil('CANCELLED')
    expect(heard.match(/event: next/g)).toHaveLength(2)
    expect(heard).toContain('{"status":"PENDING","customer":{"id":"u-20"},"lines":[{"quantity":2}]}')
    expect(await other.readUntil('PENDING')).not.toContain('u-20')
  })

  it('is not run as if it were a query', async () => {
    expect(codes(await ask(order.url, caller('u-1'), WATCH))).toEqual(['BAD_USER_INPUT'])
  })

  it('ends its streams when the subgraph stops', async () => {
    const stream = await watch(caller('u-1'))
    await order.close()
    expect(await stream.readUntil('event: complete')).toContain('event: complete')
  })
})
