import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { Answer } from '../../../src/kernel/answer.js'
import type { StreamEnd } from '../../../src/kernel/answer-stream.js'
import type { Deadline } from '../../../src/kernel/deadline.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import type { SubgraphReply, SubscriptionEvent } from '../../../src/kernel/upstream-call.js'
import type { EventOutcome } from '../../../src/pipeline/answer-event.js'
import { EventAnswers } from '../../../src/pipeline/event-answers.js'

const FAULT = new GatewayError('SUBREQUEST_TIMEOUT', 'It is silent.')
const event = (text: string): SubgraphReply => ({ text, data: {}, errors: [], cachePolicy: undefined })
const textOf = (answered: SubscriptionEvent) =>
  answered instanceof GatewayError ? answered.code : answered.text

/** A stream whose source and whose answering are in the hand of the test. */
function create(
  answer: (event: SubscriptionEvent, deadline: Deadline) => Promise<EventOutcome> = (answered) =>
    Promise.resolve({
      answer: Answer.fromText(textOf(answered)),
      end: answered instanceof GatewayError ? 'failed' : undefined,
    }),
) {
  const happened: string[] = []
  let waiting: { resolve: (reply?: SubgraphReply) => void; reject: (fault: Error) => void } | undefined
  let recheck: EventOutcome | undefined
  const stream = new EventAnswers({
    source: {
      next: () => new Promise((resolve, reject) => (waiting = { resolve, reject })),
      close: () => {
        happened.push('closed')
        waiting?.resolve(undefined)
      },
    },
    place: {
      hold: () => undefined,
      answered: () => void happened.push('answered'),
      leave: (end) => void happened.push(`left ${String(end)}`),
    },
    eventTimeoutMs: 1_000,
    answer,
    recheck: () => Promise.resolve(recheck),
    say: (refusal) => Answer.fromText(refusal.code),
    onEnd: () => void happened.push('ended'),
  })
  const tick = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    stream,
    happened,
    push: async (reply?: SubgraphReply) => {
      await tick()
      waiting?.resolve(reply)
    },
    fail: async (fault: Error) => {
      await tick()
      waiting?.reject(fault)
    },
    outcomeOfRecheck: (outcome: EventOutcome) => (recheck = outcome),
  }
}

const read = async (stream: EventAnswers) => {
  const { done, value } = await stream.next()
  return done === true ? 'done' : value.text
}
const ending = (end: StreamEnd) => ['closed', `left ${end}`, 'ended']

describe('the answers of a subscription that is silenced', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }))
  afterEach(() => void jest.useRealTimers())
  const gone = () => Answer.fromText('SUBSCRIPTION_SCHEMA_RELOAD')

  it('are over: an event on its way is dropped, the source let go, and the end told after a while', async () => {
    let finish: ((outcome: EventOutcome) => void) | undefined
    const { stream, push, happened } = create(() => new Promise((resolve) => (finish = resolve)))
    const asked = read(stream)
    await push(event('1'))
    await push()
    stream.silence(2_000, 'reloaded', gone)
    stream.silence(0, 'reloaded', gone)
    expect(happened).toEqual(['closed'])
    finish?.({ answer: Answer.fromText('under rules that are gone'), end: undefined })
    await jest.advanceTimersByTimeAsync(1_999)
    expect([happened, stream.end]).toEqual([['closed'], undefined])
    await jest.advanceTimersByTimeAsync(1)
    expect(await asked).toBe('SUBSCRIPTION_SCHEMA_RELOAD')
    expect([await read(stream), stream.end]).toEqual(['done', 'reloaded'])
    expect(happened).toContain('left reloaded')
  })

  it('end at once with the instance, or when their reader leaves', async () => {
    const [stopped, left] = [create(), create()]
    const asked = [read(stopped.stream), read(left.stream)]
    for (const { stream } of [stopped, left]) stream.silence(2_000, 'reloaded', gone)
    stopped.stream.shutDown()
    await left.stream.return()
    expect(await Promise.all(asked)).toEqual(['SHUTTING_DOWN', 'done'])
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('the answers of a subscription', () => {
  it('come one by one, in order, however many are asked for at once, until the source is complete', async () => {
    const { stream, happened, push } = create()
    const asked = [read(stream), read(stream), read(stream), read(stream)]
    await push(event('1'))
    await push(event('2'))
    await push(undefined)
    expect(await Promise.all(asked)).toEqual(['1', '2', 'done', 'done'])
    expect(stream.end).toBe('completed')
    expect(happened).toEqual(['answered', 'answered', ...ending('completed')])
  })

  it('end for a reader who leaves while an event is awaited', async () => {
    const { stream, happened } = create()
    const asked = read(stream)
    await stream.return()
    expect(await asked).toBe('done')
    expect(stream.end).toBe('stopped')
    expect(happened).toEqual(ending('stopped'))
  })

  it('give up what is fetched for an event when they end, and drop its answer', async () => {
    let ended: string | undefined
    let finish: ((outcome: EventOutcome) => void) | undefined
    const { stream, push } = create((_event, deadline) => {
      deadline.onEnd((reason) => (ended = reason))
      return new Promise((resolve) => (finish = resolve))
    })
    const asked = read(stream)
    await push(event('1'))
    await push()
    stream.shutDown()
    expect(ended).toBe('client-left')
    finish?.({ answer: Answer.fromText('too late'), end: undefined })
    expect(await asked).toBe('SHUTTING_DOWN')
    expect(await read(stream)).toBe('done')
    expect(stream.end).toBe('shutdown')
  })

  it('tell what ended them only behind the last answer', async () => {
    const { stream } = create()
    stream.shutDown()
    expect(stream.end).toBeUndefined()
    expect(await read(stream)).toBe('SHUTTING_DOWN')
    expect(stream.end).toBe('shutdown')
  })

  it('end with a fault of the source, which is answered like an event', async () => {
    const { stream, happened, fail } = create()
    const asked = read(stream)
    await fail(FAULT)
    expect(await asked).toBe('SUBREQUEST_TIMEOUT')
    expect(await read(stream)).toBe('done')
    expect(happened).toEqual(ending('failed'))
  })

  it('mask a fault that is ours', async () => {
    const { stream, fail } = create()
    const asked = read(stream)
    await fail(new TypeError('x is not a function'))
    expect(await asked).toBe('INTERNAL_SERVER_ERROR')
    expect(stream.end).toBe('failed')
  })

  it('end while nothing comes when the caller may no more, and only once', async () => {
    const { stream, happened, outcomeOfRecheck } = create()
    const asked = read(stream)
    stream.recheck()
    outcomeOfRecheck({ answer: Answer.fromText('UNAUTHENTICATED'), end: 'expired' })
    stream.recheck()
    stream.recheck()
    expect(await asked).toBe('UNAUTHENTICATED')
    expect(stream.end).toBe('expired')
    expect(happened).toEqual(ending('expired'))
  })
})
