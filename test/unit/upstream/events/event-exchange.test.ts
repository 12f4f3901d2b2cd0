import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import {
  EventExchange,
  type DispatchSteps,
  type OpenedEvents,
} from '../../../../src/upstream/events/event-exchange.js'
import { eventOptions } from '../../../../src/upstream/events/options.js'
import { SubgraphFault } from '../../../../src/upstream/subgraph-fault.js'

/** An exchange and what came of it, driven as undici's dispatcher does. */
function create(options: object = {}) {
  const outcomes: (OpenedEvents | SubgraphFault)[] = []
  const aborted: (Error | undefined)[] = []
  const facts = { subgraph: 'shop', maxReplyBytes: 1_000, replyRules: undefined }
  const exchange = new EventExchange(facts, eventOptions.parse(options), (outcome) => outcomes.push(outcome))
  const steps: DispatchSteps = exchange
  const connect = () => steps.onConnect((reason) => aborted.push(reason))
  const head = (...pairs: string[]) =>
    steps.onHeaders(
      200,
      pairs.map((text) => Buffer.from(text)),
      () => undefined,
    )
  const data = (text: string) => steps.onData(Buffer.from(text))
  return { exchange, steps, outcomes, aborted, connect, head, data }
}

const EVENTS = ['content-type', 'text/event-stream'] as const

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

describe('a subscription at a subgraph', () => {
  it('lasts through silence as long as heartbeats come, and is lost without them', async () => {
    const { exchange, outcomes, aborted, connect, head, data } = create({ silenceTimeoutMs: 60_000 })
    connect()
    head(...EVENTS)
    expect(outcomes).toEqual([exchange])
    for (let beat = 0; beat < 5; beat += 1) {
      jest.advanceTimersByTime(59_000)
      data(':\n\n')
    }
    expect(aborted).toEqual([])
    jest.advanceTimersByTime(60_000)
    await expect(exchange.next()).rejects.toMatchObject({ code: 'SUBREQUEST_TIMEOUT' })
    expect(aborted).toHaveLength(1)
  })

  it('lasts for ever where silence is no sign, and keeps no timer', () => {
    const { aborted, connect, head } = create({ silenceTimeoutMs: 0 })
    connect()
    head(...EVENTS)
    expect(jest.getTimerCount()).toBe(0)
    expect(aborted).toEqual([])
  })

  it('lets go of the subgraph when its reader leaves, and keeps nothing of what comes then', async () => {
    const { exchange, steps, aborted, connect, head, data } = create()
    connect()
    head(...EVENTS)
    const waiting = exchange.next()
    exchange.close()
    data('event: next\ndata: {"data":{}}\n\n')
    steps.onError(new Error('aborted'))
    expect(await waiting).toBeUndefined()
    expect(await exchange.next()).toBeUndefined()
    expect([aborted.length, jest.getTimerCount()]).toEqual([1, 0])
  })

  it('is not sent when it was given up while waiting for a connection', () => {
    const { exchange, outcomes, aborted, connect } = create()
    const fault = new SubgraphFault('SUBREQUEST_TIMEOUT', 'shop', { reason: 'deadline', blames: true })
    exchange.giveUp(fault)
    connect()
    expect(outcomes).toEqual([fault])
    expect(aborted).toHaveLength(1)
  })

  it('is refused where its events are compressed: nobody asked for that', () => {
    const { outcomes, aborted, connect, head } = create()
    connect()
    head(...EVENTS, 'content-encoding', 'gzip')
    expect(outcomes).toMatchObject([{ code: 'SUBREQUEST_MALFORMED_RESPONSE' }])
    expect(aborted).toHaveLength(1)
  })
})
