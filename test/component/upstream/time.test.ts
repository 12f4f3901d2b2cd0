import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'
import { HANGING } from './faults.js'
import { honest, silent } from './lying-subgraph.js'
import {
  closeWorldsAfterEach,
  createCall,
  createCaller,
  createUpstreamTo,
  createWorld,
  refusalOf,
} from './upstream-world.js'
import { createWatchedWorld } from './watched-world.js'

closeWorldsAfterEach()

describe('the deadline of a subgraph call', () => {
  it.each(HANGING)('a subgraph that %s is cut off, and nobody else notices', async (_name, behave, code) => {
    const { upstream, subgraph, watch } = await createWatchedWorld(behave, { timeoutMs: 600 })
    const startedAt = performance.now()

    const refusal = await refusalOf(upstream.call(createCall()))
    const tookMs = performance.now() - startedAt
    await subgraph.quiet()
    const seen = await watch.end()
    subgraph.behave = honest

    expect(refusal.code).toBe(code)
    expect(refusal.message).toBe("Subgraph 'shop' did not answer in time.")
    // By its own deadline, whatever a busy machine adds, and not by the three seconds that hold without one.
    expect(tookMs).toBeLessThan(3_000)
    expect(seen.slowestBystanderMs).toBeLessThan(1_000)
    expect(seen.grownMegabytes).toBeLessThan(64)
    expect((await upstream.call(createCall())).data).toEqual({ ok: true })
  })

  it('is shorter when less is left of the request', async () => {
    const { upstream, subgraph } = await createWorld(silent)
    const caller = createCaller({ deadline: new Deadline(80) })

    const refusal = await refusalOf(upstream.call(createCall({ caller })))

    expect(refusal.code).toBe('SUBREQUEST_TIMEOUT')
    await subgraph.quiet()
  })

  it('sends nothing when the time is already over', async () => {
    const { upstream, subgraph } = await createWorld(honest)
    const caller = createCaller({ deadline: new Deadline(0) })

    const refusal = await refusalOf(upstream.call(createCall({ caller })))

    expect(refusal.code).toBe('SUBREQUEST_TIMEOUT')
    expect(subgraph.requests).toHaveLength(0)
  })

  it('is shorter for a connection that does not come about', async () => {
    // Accepts connections and says nothing, so that the handshake of TLS goes on for ever.
    const sockets = new Set<Socket>()
    const server = createServer((socket) => sockets.add(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
    const { upstream, logged } = createUpstreamTo(
      { url, close },
      { connectTimeoutMs: 100, timeoutMs: 15_000 },
    )

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_TIMEOUT')
    expect(logged).toContainEqual(expect.objectContaining({ reason: 'UND_ERR_CONNECT_TIMEOUT' }))
    for (const socket of sockets) if (!socket.destroyed) await once(socket.resume(), 'close')
  })

  it('can be set for one subgraph', async () => {
    const { upstream } = await createWorld(silent, { subgraphs: { shop: { timeoutMs: 50 } } })

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_TIMEOUT')
  })
})

describe('a client that leaves', () => {
  it.each(HANGING)('closes the request to a subgraph that %s', async (_name, behave) => {
    const { upstream, subgraph } = await createWorld(behave)
    const caller = createCaller()
    const refused = refusalOf(upstream.call(createCall({ caller })))
    await subgraph.when(() => subgraph.requests.length === 1)

    caller.deadline.end('client-left')

    expect((await refused).code).toBe('REQUEST_CANCELLED')
    await subgraph.quiet()
  })

  it('leaves no request open when a whole crowd goes, and nobody else notices', async () => {
    const { upstream, subgraph, watch } = await createWatchedWorld(silent)
    const callers = Array.from({ length: 200 }, () => createCaller())
    const refused = callers.map((caller) => refusalOf(upstream.call(createCall({ caller }))))
    await subgraph.when(() => subgraph.openRequests() === 100)

    for (const caller of callers) caller.deadline.end('client-left')

    const codes = (await Promise.all(refused)).map(({ code }) => code)
    await subgraph.quiet()
    const seen = await watch.end()
    expect(codes.filter((code) => code === 'REQUEST_CANCELLED')).toHaveLength(100)
    expect(codes.filter((code) => code === 'SUBGRAPH_UNAVAILABLE')).toHaveLength(100)
    expect(seen.slowestBystanderMs).toBeLessThan(1_000)
    expect(seen.grownMegabytes).toBeLessThan(64)
  })

  it('before a connection is there sends nothing', async () => {
    const { upstream, subgraph } = await createWorld(honest)
    const caller = createCaller()
    const refused = refusalOf(upstream.call(createCall({ caller })))

    caller.deadline.end('client-left')

    expect((await refused).code).toBe('REQUEST_CANCELLED')
    await upstream.call(createCall())
    expect(subgraph.requests).toHaveLength(1)
  })

  it('does not open the breaker', async () => {
    const { upstream, subgraph } = await createWorld(silent)
    const callers = Array.from({ length: 60 }, () => createCaller())
    const refused = callers.map((caller) => refusalOf(upstream.call(createCall({ caller }))))
    for (const caller of callers) caller.deadline.end('client-left')
    await Promise.all(refused)
    subgraph.behave = honest

    const reply = await upstream.call(createCall())

    expect(reply.data).toEqual({ ok: true })
    expect(upstream.health()[0]).toEqual({ name: 'subgraph shop', state: 'up', required: false })
  })
})
