import { describe, expect, it } from '@jest/globals'
import { Deadline } from '../../../src/kernel/deadline.js'
import { JSON_HEAD, honest, silent, type Behaviour } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createCaller, createWorld, refusalOf } from './upstream-world.js'

closeWorldsAfterEach()

const headersThenSilence: Behaviour = (response) => {
  response.writeHead(200, JSON_HEAD).flushHeaders()
}

const drips: Behaviour = (response) => {
  response.writeHead(200, JSON_HEAD)
  const timer = setInterval(() => response.write(' '), 10)
  response.on('close', () => clearInterval(timer))
}

const HANGING: readonly (readonly [string, Behaviour])[] = [
  ['never answers', silent],
  ['sends headers, then nothing', headersThenSilence],
  ['drips', drips],
]

/** The time at which a timer of so many milliseconds ends. */
function after(milliseconds: number): Promise<number> {
  return new Promise((resolve) => setTimeout(() => resolve(performance.now()), milliseconds))
}

describe('the deadline of a subgraph call', () => {
  it.each(HANGING)('a subgraph that %s is cut off, and its request closed', async (_name, behave) => {
    const { upstream, subgraph } = await createWorld(behave, { timeoutMs: 120 })
    const refused = refusalOf(upstream.call(createCall()))
    // Ends with the time limit, on this machine as it is now.
    const limitAt = after(120)

    const refusal = await refused
    const refusedAt = performance.now()

    expect(refusal.code).toBe('SUBREQUEST_TIMEOUT')
    expect(refusal.message).toBe("Subgraph 'shop' did not answer in time.")
    expect(refusedAt - (await limitAt)).toBeLessThan(250)
    await subgraph.when(() => subgraph.openRequests() === 0)
  })

  it('is shorter when less is left of the request', async () => {
    const { upstream, subgraph } = await createWorld(silent)
    const caller = createCaller({ deadline: new Deadline(80) })

    const refusal = await refusalOf(upstream.call(createCall({ caller })))

    expect(refusal.code).toBe('SUBREQUEST_TIMEOUT')
    await subgraph.when(() => subgraph.openRequests() === 0)
  })

  it('sends nothing when the time is already over', async () => {
    const { upstream, subgraph } = await createWorld(honest)
    const caller = createCaller({ deadline: new Deadline(0) })

    const refusal = await refusalOf(upstream.call(createCall({ caller })))

    expect(refusal.code).toBe('SUBREQUEST_TIMEOUT')
    expect(subgraph.requests).toHaveLength(0)
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
    await subgraph.when(() => subgraph.openRequests() === 0)
  })

  it('leaves no request open when a whole crowd goes', async () => {
    const { upstream, subgraph } = await createWorld(silent)
    const callers = Array.from({ length: 100 }, () => createCaller())
    const refused = callers.map((caller) => refusalOf(upstream.call(createCall({ caller }))))
    await subgraph.when(() => subgraph.openRequests() === 100)

    for (const caller of callers) caller.deadline.end('client-left')

    const codes = new Set((await Promise.all(refused)).map(({ code }) => code))
    expect([...codes]).toEqual(['REQUEST_CANCELLED'])
    await subgraph.when(() => subgraph.openRequests() === 0)
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
