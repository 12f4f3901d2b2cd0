import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'
import type { CallerFacts } from '../../../src/kernel/upstream-call.js'
import { JSON_HEAD, honest, says, silent, type Behaviour } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createCaller, createWorld, refusalOf } from './upstream-world.js'

closeWorldsAfterEach()
afterEach(() => void jest.restoreAllMocks())

/** Callers of one principal, each with a deadline of its own. */
function createCallers(count: number): readonly CallerFacts[] {
  const { principal } = createCaller()
  return Array.from({ length: count }, () => createCaller({ principal }))
}

function createPair(facts: Partial<CallerFacts> = {}): readonly [CallerFacts, CallerFacts] {
  const { principal } = createCaller()
  return [createCaller({ principal, ...facts }), createCaller({ principal })]
}

/** Holds every answer back until it is let go. */
function createGate(answer: Behaviour = honest) {
  const held: (() => void)[] = []
  const behave: Behaviour = (...args) => void held.push(() => answer(...args))
  return { behave, letGo: () => held.splice(0).forEach((go) => go()) }
}

describe('equal queries of one caller that are in flight together', () => {
  it('make one call, and each gets data of its own', async () => {
    const gate = createGate(
      says(200, 'application/json', '{"data":{"a":{"b":1}},"errors":[{"message":"x"}]}'),
    )
    const { upstream, subgraph, shared } = await createWorld(gate.behave)
    const replies = createCallers(3).map((caller) => upstream.call(createCall({ caller })))
    await subgraph.when(() => subgraph.requests.length === 1)
    gate.letGo()

    const [first, second, third] = await Promise.all(replies)

    expect(subgraph.requests).toHaveLength(1)
    expect(shared).toEqual(['shop', 'shop'])
    expect(second).toEqual(first)
    expect(third).toEqual(first)
    expect(new Set([first, second, third].map((reply) => reply?.data)).size).toBe(3)
    expect(new Set([first, second, third].map((reply) => reply?.data?.['a'])).size).toBe(3)
    expect(new Set([first, second, third].map((reply) => reply?.errors[0])).size).toBe(3)
  })

  it('take the request id of the first one along', async () => {
    const gate = createGate()
    const { upstream, subgraph } = await createWorld(gate.behave)
    const [first, second] = createPair()
    const replies = [
      upstream.call(createCall({ caller: createCaller({ ...first, requestId: 'the-first' }) })),
      upstream.call(createCall({ caller: createCaller({ ...second, requestId: 'the-second' }) })),
    ]
    await subgraph.when(() => subgraph.requests.length === 1)
    gate.letGo()
    await Promise.all(replies)

    expect(subgraph.requests.map(({ headers }) => headers['x-request-id'])).toEqual(['the-first'])
  })

  it('take one place of those that a subgraph has', async () => {
    const gate = createGate()
    const { upstream, subgraph } = await createWorld(gate.behave, { maxConcurrentCalls: 1 })
    const replies = createCallers(50).map((caller) => upstream.call(createCall({ caller })))
    await subgraph.when(() => subgraph.requests.length === 1)
    gate.letGo()

    expect(await Promise.all(replies)).toHaveLength(50)
  })

  it('are parsed in portions where they are large', async () => {
    const text = JSON.stringify({ data: { list: Array.from({ length: 8_000 }, (_, index) => index) } })
    const gate = createGate(says(200, 'application/json', text))
    const { upstream, subgraph } = await createWorld(gate.behave)
    let turn = 0
    const count = () => {
      turn++
      immediate = setImmediate(count)
    }
    let immediate = setImmediate(count)
    const turns = createCallers(20).map((caller) =>
      upstream.call(createCall({ caller })).then((reply) => {
        expect(reply.text).toBe(text)
        return turn
      }),
    )
    await subgraph.when(() => subgraph.requests.length === 1)
    gate.letGo()

    expect(new Set(await Promise.all(turns)).size).toBeGreaterThan(4)
    clearImmediate(immediate)
  })

  it('are called one by one where sharing is off', async () => {
    const { upstream, subgraph } = await createWorld(honest, { shareInFlight: false })

    await Promise.all(createCallers(3).map((caller) => upstream.call(createCall({ caller }))))

    expect(subgraph.requests).toHaveLength(3)
  })
})

describe('calls that never share', () => {
  const [one, other] = [createCaller(), createCaller()]
  const { principal } = one
  const address = { address: '203.0.113.10' }

  it.each([
    ['of different principals', { caller: one }, { caller: other }],
    [
      'of anonymous callers of two addresses',
      { caller: createCaller({ client: { address: '203.0.113.1' } }) },
      { caller: createCaller({ client: { address: '203.0.113.2' } }) },
    ],
    [
      'of one principal from two addresses',
      { caller: one },
      { caller: createCaller({ principal, client: address }) },
    ],
    ['with different variables', { body: '{"variables":{"id":"1"}}' }, { body: '{"variables":{"id":"2"}}' }],
    ['that differ in the middle of a long body', { body: long('a') }, { body: long('b') }],
    ['to different subgraphs', { subgraph: 'shop' }, { subgraph: 'twin' }],
    ['that are mutations', { operationType: 'mutation' }, { operationType: 'mutation' }],
    ['of which one is a mutation', { operationType: 'query' }, { operationType: 'mutation' }],
  ] as const)('%s', async (_name, first, second) => {
    const gate = createGate()
    const { upstream, subgraph, shared } = await createWorld(gate.behave)
    const replies = [first, second].map((call) => upstream.call(createCall({ caller: one, ...call })))
    await subgraph.when(() => subgraph.requests.length === 2)
    gate.letGo()
    await Promise.all(replies)

    expect(shared).toEqual([])
  })

  it('are a query and one that was asked before the caller changed something', async () => {
    const gate = createGate()
    const { upstream, subgraph, shared } = await createWorld((...args) => {
      if (args[2].body === 'mutation') honest(...args)
      else gate.behave(...args)
    })
    const [first, second] = createPair()
    const before = upstream.call(createCall({ caller: first }))
    await upstream.call(
      createCall({ caller: second, operationType: 'mutation', body: 'mutation', subgraph: 'twin' }),
    )
    const after = upstream.call(createCall({ caller: second }))
    await subgraph.when(() => subgraph.requests.length === 3)
    gate.letGo()
    await Promise.all([before, after])

    expect(shared).toEqual([])
  })

  it('are a query and one that has been under way for long', async () => {
    const gate = createGate()
    const { upstream, subgraph } = await createWorld(gate.behave)
    const [first, second] = createPair()
    const replies = [upstream.call(createCall({ caller: first }))]
    const now = performance.now.bind(performance)
    const moved = jest.spyOn(performance, 'now').mockImplementation(() => now() + 510)
    replies.push(upstream.call(createCall({ caller: second })), upstream.call(createCall({ caller: second })))
    moved.mockRestore()
    await subgraph.when(() => subgraph.requests.length === 2)
    gate.letGo()

    expect(await Promise.all(replies)).toHaveLength(3)
    expect(subgraph.requests).toHaveLength(2)
  })

  it('are two that come one after the other', async () => {
    const { upstream, subgraph } = await createWorld(honest)
    for (const caller of createCallers(2)) await upstream.call(createCall({ caller }))

    expect(subgraph.requests).toHaveLength(2)
  })
})

function long(letter: string): string {
  return `{"query":"${'x'.repeat(2_001)}${letter}${'x'.repeat(2_000)}"}`
}

describe('whoever waits for a shared call', () => {
  it.each([
    ['the first one', 0],
    ['another one', 1],
  ])('may leave, %s as well, and takes nobody along', async (_name, leaving) => {
    const gate = createGate()
    const { upstream, subgraph } = await createWorld(gate.behave)
    const callers = createCallers(3)
    const outcomes = callers.map((caller) =>
      upstream.call(createCall({ caller })).then(
        ({ data }) => data,
        (error: unknown) => (error as { code: string }).code,
      ),
    )
    await subgraph.when(() => subgraph.requests.length === 1)

    callers[leaving]?.deadline.end('client-left')
    expect(await outcomes[leaving]).toBe('REQUEST_CANCELLED')
    expect(subgraph.openRequests()).toBe(1)
    gate.letGo()

    const expected = [0, 1, 2].map((index) => (index === leaving ? 'REQUEST_CANCELLED' : { ok: true }))
    expect(await Promise.all(outcomes)).toEqual(expected)
    expect(subgraph.requests).toHaveLength(1)
  })

  it('ends it by leaving last', async () => {
    const { upstream, subgraph } = await createWorld(silent)
    const callers = createCallers(100)
    const refusals = callers.map((caller) => refusalOf(upstream.call(createCall({ caller }))))
    await subgraph.when(() => subgraph.requests.length === 1)

    for (const { deadline } of callers) deadline.end('client-left')

    const codes = new Set((await Promise.all(refusals)).map(({ code }) => code))
    expect([...codes]).toEqual(['REQUEST_CANCELLED'])
    await subgraph.quiet()
  })

  it('has a time of his own: that of the first one runs out without the others', async () => {
    const gate = createGate()
    const { upstream, subgraph } = await createWorld(gate.behave)
    const [hasty, patient] = createPair({ deadline: new Deadline(60) })
    const first = upstream.call(createCall({ caller: hasty }))
    const second = upstream.call(createCall({ caller: patient }))

    expect((await refusalOf(first)).code).toBe('SUBREQUEST_TIMEOUT')
    expect(subgraph.requests).toHaveLength(1)
    gate.letGo()

    expect((await second).data).toEqual({ ok: true })
  })

  it('opens the breaker when all have waited in vain, though the last one left before', async () => {
    const { upstream } = await createWorld(silent, { timeoutMs: 60, breaker: { minimumCalls: 1 } })
    const [vain, gone] = createPair()
    const first = refusalOf(upstream.call(createCall({ caller: vain })))
    // Its time begins later than that of the first one, and has not run out when that one's has.
    const now = performance.now.bind(performance)
    const moved = jest.spyOn(performance, 'now').mockImplementation(() => now() + 300)
    const second = refusalOf(upstream.call(createCall({ caller: gone })))
    moved.mockRestore()
    expect((await first).code).toBe('SUBREQUEST_TIMEOUT')
    gone.deadline.end('client-left')
    expect((await second).code).toBe('REQUEST_CANCELLED')

    expect((await refusalOf(upstream.call(createCall()))).code).toBe('SUBGRAPH_UNAVAILABLE')
  })

  it('shares a failure, which counts once for the breaker and the standing', async () => {
    const gate = createGate(says(500, 'text/plain', 'broken'))
    const { upstream, subgraph } = await createWorld(gate.behave)
    const refusals = createCallers(40).map((caller) => refusalOf(upstream.call(createCall({ caller }))))
    await subgraph.when(() => subgraph.requests.length === 1)
    gate.letGo()

    const codes = new Set((await Promise.all(refusals)).map(({ code }) => code))
    expect([...codes]).toEqual(['SUBREQUEST_HTTP_ERROR'])
    expect(upstream.health()[0]?.state).toBe('degraded')
    subgraph.behave = honest
    expect((await upstream.call(createCall())).data).toEqual({ ok: true })
  })

  it('shares the repeat of a query too', async () => {
    let times = 0
    const { upstream, subgraph } = await createWorld((response, ...args) => {
      if (times++ === 0) response.writeHead(503, JSON_HEAD).end()
      else honest(response, ...args)
    })

    const replies = await Promise.all(createCallers(3).map((caller) => upstream.call(createCall({ caller }))))

    expect(replies.map(({ data }) => data)).toEqual([{ ok: true }, { ok: true }, { ok: true }])
    expect(subgraph.requests).toHaveLength(2)
  })
})
