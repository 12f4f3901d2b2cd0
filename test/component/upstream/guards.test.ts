import { describe, expect, it } from '@jest/globals'
import { honest, says, silent, type Behaviour } from './lying-subgraph.js'
import { closeWorldsAfterEach, createCall, createCaller, createWorld, refusalOf } from './upstream-world.js'

closeWorldsAfterEach()

const unavailable = says(503, 'text/plain', 'busy')
const broken = says(500, 'text/plain', 'broken')

/** Behaves badly the first `times` times, properly afterwards. */
function firstly(times: number, behave: Behaviour): Behaviour {
  let left = times
  return (...args) => (left-- > 0 ? behave : honest)(...args)
}

describe('retry', () => {
  it.each<readonly [string, Behaviour]>([
    ['503', unavailable],
    ['502', says(502, 'text/plain', 'busy')],
    ['a reset before any byte', (_response, socket) => socket.resetAndDestroy()],
  ])('repeats a query once after %s', async (_name, behave) => {
    const { upstream, subgraph } = await createWorld(firstly(1, behave))

    const reply = await upstream.call(createCall())

    expect(reply.data).toEqual({ ok: true })
    expect(subgraph.requests).toHaveLength(2)
  })

  it('does not repeat a second time', async () => {
    const { upstream, subgraph } = await createWorld(firstly(2, unavailable))

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(subgraph.requests).toHaveLength(2)
  })

  it('never repeats a mutation', async () => {
    const { upstream, subgraph } = await createWorld(firstly(1, unavailable))

    const refusal = await refusalOf(upstream.call(createCall({ operationType: 'mutation' })))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(subgraph.requests).toHaveLength(1)
  })

  it('does not repeat what the subgraph has worked on', async () => {
    const { upstream, subgraph } = await createWorld(firstly(1, broken))

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(subgraph.requests).toHaveLength(1)
  })

  it('stops repeating when the budget is used up', async () => {
    const { upstream, subgraph } = await createWorld(unavailable, {
      breaker: { enabled: false },
      retry: { budgetRatio: 0 },
    })

    for (let call = 0; call < 15; call++) await refusalOf(upstream.call(createCall()))

    expect(subgraph.requests).toHaveLength(15 + 10)
  })
})

describe('breaker', () => {
  it('opens after twenty calls of which half failed, refuses without a hop, and heals by probes', async () => {
    const { upstream, subgraph, clock, logged } = await createWorld(broken)
    for (let call = 0; call < 20; call++) await refusalOf(upstream.call(createCall()))

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBGRAPH_UNAVAILABLE')
    expect(subgraph.requests).toHaveLength(20)
    expect(upstream.health()[0]?.state).toBe('down')
    expect(logged).toContainEqual(
      expect.objectContaining({ message: 'breaker opened: subgraph is left alone' }),
    )

    subgraph.behave = honest
    clock.ms += 5_000
    const reply = await upstream.call(createCall())

    expect(reply.data).toEqual({ ok: true })
    await upstream.call(createCall())
    await upstream.call(createCall())
    expect(upstream.health()[0]?.state).toBe('up')
  })

  it('opens for a subgraph that hangs', async () => {
    const { upstream } = await createWorld(silent, { timeoutMs: 60 })
    await Promise.all(Array.from({ length: 20 }, () => refusalOf(upstream.call(createCall()))))

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBGRAPH_UNAVAILABLE')
  })

  it.each([400, 401, 404, 429])('takes status %d for an answer', async (status) => {
    const { upstream, subgraph } = await createWorld(says(status, 'text/plain', 'no'))
    for (let call = 0; call < 30; call++) await refusalOf(upstream.call(createCall()))

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect(subgraph.requests).toHaveLength(31)
  })
})

describe('bulkhead', () => {
  it('refuses the hundred-and-first call and lets others in when calls end', async () => {
    const { upstream, subgraph } = await createWorld(silent)
    const callers = Array.from({ length: 100 }, () => createCaller())
    const refused = callers.map((caller) => refusalOf(upstream.call(createCall({ caller }))))

    const refusal = await refusalOf(upstream.call(createCall()))

    expect(refusal.code).toBe('SUBGRAPH_UNAVAILABLE')
    for (const caller of callers) caller.deadline.end('client-left')
    await Promise.all(refused)
    subgraph.behave = honest
    expect((await upstream.call(createCall())).data).toEqual({ ok: true })
  })
})

describe('health', () => {
  it('is down after three faults in a row, and up after one success', async () => {
    const { upstream, subgraph } = await createWorld(broken)
    const states: (string | undefined)[] = []
    for (let call = 0; call < 3; call++) {
      await refusalOf(upstream.call(createCall()))
      states.push(upstream.health()[0]?.state)
    }
    subgraph.behave = honest
    await upstream.call(createCall())

    expect(states).toEqual(['degraded', 'degraded', 'down'])
    expect(upstream.health()[0]).toEqual({ name: 'subgraph shop', state: 'up', required: false })
  })

  it('names a subgraph that nobody composed as unavailable', async () => {
    const { upstream } = await createWorld(honest)

    const refusal = await refusalOf(upstream.call(createCall({ subgraph: 'nobody' })))

    expect(refusal.code).toBe('SUBGRAPH_UNAVAILABLE')
  })
})
