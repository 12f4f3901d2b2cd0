import { describe, expect, it } from '@jest/globals'
import { JSON_HEAD, honest, silent, type Behaviour } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createCaller, createWorld, refusalOf } from './upstream-world.js'

closeWorldsAfterEach()

const ONE_CONNECTION = { connections: 1, pipelining: 4 }
const body = (index: number) => `{"query":"{ ok }","variables":{"index":${index}}}`

describe('pipelining', () => {
  it('sends queries over a connection before the first one is answered', async () => {
    const held: (() => void)[] = []
    const hold: Behaviour = (...args) => void held.push(() => honest(...args))
    const { upstream, subgraph } = await createWorld(hold, ONE_CONNECTION)
    const replies = [0, 1, 2, 3].map((index) => upstream.call(createCall({ body: body(index) })))
    await subgraph.when(() => subgraph.requests.length === 4)
    for (const letGo of held) letGo()

    for (const reply of await Promise.all(replies)) expect(reply.data).toEqual({ ok: true })
    expect(subgraph.connections()).toBe(1)
  })

  it('is off by default', async () => {
    const { upstream, subgraph } = await createWorld(silent, { connections: 1 })
    const callers = [0, 1].map(() => createCaller())
    const refused = callers.map((caller) => refusalOf(upstream.call(createCall({ caller }))))
    await subgraph.when(() => subgraph.requests.length === 1)

    callers[0]?.deadline.end('client-left')
    await subgraph.when(() => subgraph.requests.length === 2)
    callers[1]?.deadline.end('client-left')
    await Promise.all(refused)
    expect(subgraph.connections()).toBe(2)
  })

  it('leaves mutations out, which no query holds up', async () => {
    const { upstream, subgraph } = await createWorld((...args) => {
      if (args[2].body === body(0)) silent(...args)
      else honest(...args)
    }, ONE_CONNECTION)
    const caller = createCaller()
    const hanging = refusalOf(upstream.call(createCall({ caller, body: body(0) })))
    await subgraph.when(() => subgraph.requests.length === 1)

    const reply = await upstream.call(createCall({ operationType: 'mutation', body: body(1) }))

    expect(reply.data).toEqual({ ok: true })
    caller.deadline.end('client-left')
    await hanging
  })

  it('sends the others again when one is given up, and takes no part of an answer twice', async () => {
    const text = '{"data":{"ok":true}}'
    let times = 0
    const { upstream, subgraph } = await createWorld((response) => {
      response.writeHead(200, { ...JSON_HEAD, 'content-length': text.length })
      if (times++ === 0) response.write(text.slice(0, 9))
      else response.end(text)
    }, ONE_CONNECTION)
    const leaving = createCaller()
    const first = upstream.call(createCall({ body: body(0) }))
    const second = refusalOf(upstream.call(createCall({ body: body(1), caller: leaving })))
    const third = upstream.call(createCall({ body: body(2) }))
    await subgraph.when(() => subgraph.requests.length === 3)
    // Its answer comes after the part of the first one, which has therefore been read.
    await upstream.call(createCall({ subgraph: 'twin' }))

    leaving.deadline.end('client-left')

    expect((await second).code).toBe('REQUEST_CANCELLED')
    expect((await first).text).toBe(text)
    expect((await third).text).toBe(text)
  })
})
