/** Requests that come on one connection before the answer to the one ahead of them has gone out (RFC 9112 §9.3.2). */
import { describe, expect, it } from '@jest/globals'
import type { Socket } from 'node:net'
import { eventually } from '../../support/eventually.js'
import { askGraphql } from '../../support/graphql-client.js'
import { openSocket } from '../../support/raw-http.js'
import { createStreamWorld, emma, endWorldsAfterEach, type StreamWorld } from './world.js'

endWorldsAfterEach()

const BOOK = '{ book(id: 1) { title } }'
const MOST = 5
const server = { limits: { concurrentRequests: MOST } }

function post(query: string, accept = 'application/json'): string {
  const body = JSON.stringify({ query })
  const head = ['POST /graphql HTTP/1.1', 'host: x', 'content-type: application/json', `accept: ${accept}`]
  return [...head, `content-length: ${String(body.length)}`, '', body].join('\r\n')
}

/** Sends a request and behind it more than may be in flight, all at once. */
async function pipeline({ gateway }: StreamWorld, first: string): Promise<Socket> {
  const socket = await openSocket(gateway.port)
  socket.write(first + post('{ __typename }').repeat(2 * MOST))
  return socket
}

const metrics = async ({ gateway }: StreamWorld): Promise<string> =>
  (await fetch(`${gateway.adminUrl}/metrics`)).text()

const statusOf = async ({ gateway }: StreamWorld): Promise<number> =>
  (await askGraphql(gateway.url, BOOK)).status

describe('requests behind another one on a connection', () => {
  it('take nobody’s place while the one ahead is an open stream', async () => {
    const world = await createStreamWorld({ server })
    const socket = await pipeline(
      world,
      post('subscription { bookChanged { id title } }', 'text/event-stream'),
    )
    const source = await world.books.opened(0)
    // They are all answered, and wait for their turn on the connection.
    expect(
      await eventually(
        () => statusOf(world),
        (status) => status === 200,
      ),
    ).toBe(200)
    expect(await Promise.all([statusOf(world), statusOf(world), statusOf(world)])).toEqual([200, 200, 200])
    socket.destroy()
    await source.closed
  })

  it('give their places back when the connection breaks', async () => {
    const world = await createStreamWorld({ server })
    const { books } = world
    const answerUsually = books.behave
    const held = new Promise<void>((resolve) => {
      books.behave = (response) => {
        response.on('close', resolve)
        for (const socket of sockets) socket.destroy()
      }
    })
    const sockets: Socket[] = []
    sockets.push(await pipeline(world, post(BOOK)))
    await held
    books.behave = answerUsually
    expect(
      await eventually(
        () => statusOf(world),
        (status) => status === 200,
      ),
    ).toBe(200)
  })

  it('end with the connection where they are subscriptions themselves', async () => {
    const world = await createStreamWorld()
    const { gateway, books } = world
    const socket = await openSocket(gateway.port)
    const subscribe = post('subscription { bookChanged { id title } }', 'text/event-stream')
    socket.write(subscribe + subscribe)
    const sources = await Promise.all([books.opened(0), books.opened(1)])
    // More than either of them may hold back.
    for (const { next } of sources) next(emma('x'.repeat(100_000)))
    socket.destroy()
    await Promise.all(sources.map(({ closed }) => closed))
    const open = async () => /^gateway_subscriptions_open (\d+)$/m.exec(await metrics(world))?.[1]
    expect(await eventually(open, (count) => count === '0')).toBe('0')
  })
})
