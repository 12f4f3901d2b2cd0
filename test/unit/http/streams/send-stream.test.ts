import { EventEmitter } from 'node:events'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { ResponseHead } from '../../../../src/kernel/response-head.js'
import type { Exchange } from '../../../../src/http/exchange.js'
import { sendStream } from '../../../../src/http/streams/send-stream.js'
import { EVENT_STREAM } from '../../../../src/http/streams/stream-form.js'
import { createFakeStream } from '../../../support/fake-stream.js'

afterEach(() => void jest.useRealTimers())

/**
 * A response that waits behind another one of its connection, with more written than it holds: Node tells it neither of
 * the connection's end nor of its own, for it has no socket yet.
 */
class WaitingResponse extends EventEmitter {
  destroyed = false
  readonly writableNeedDrain = true
  readonly write = (): boolean => false
  readonly end = (): void => undefined
  readonly destroy = (): void => void (this.destroyed = true)
}

function send() {
  const response = new WaitingResponse()
  const socket = new EventEmitter()
  const logged: { streamEnd?: string } = {}
  const source = createFakeStream()
  source.push({ data: { a: 1 } })
  const countBytes = (): void => undefined
  const exchange = { request: { raw: { socket } }, logged, countBytes, beginStream: () => response }
  const sent = sendStream(source.stream, {
    exchange: exchange as unknown as Exchange,
    head: new ResponseHead(),
    form: EVENT_STREAM,
    options: { heartbeatMs: 5_000, stallTimeoutMs: 30_000 },
  })
  return { sent, response, socket, source, logged }
}

describe('a stream whose response waits behind another one', () => {
  it('is over with its connection, and its heartbeat with it', async () => {
    jest.useFakeTimers()
    const { sent, socket, source, logged } = send()
    await jest.advanceTimersByTimeAsync(1)
    // As the listener has it when the connection breaks.
    source.finish('stopped')
    socket.emit('close')
    await sent
    expect(logged.streamEnd).toBe('stopped')
    expect(jest.getTimerCount()).toBe(0)
  })

  it('is let go when it takes nothing for too long', async () => {
    jest.useFakeTimers()
    const { sent, response, source } = send()
    await jest.advanceTimersByTimeAsync(30_000)
    await sent
    expect([response.destroyed, await source.over]).toEqual([true, 'stopped'])
    expect(jest.getTimerCount()).toBe(0)
  })
})
