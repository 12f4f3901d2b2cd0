import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { WebSocket } from 'ws'
import { Outbox } from '../../../../src/http/web-socket/outbox.js'
import { Answer } from '../../../../src/kernel/answer.js'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A socket whose client takes a message when the test says so. */
function create() {
  const taken: (() => void)[] = []
  const socket = {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    send: (text: string, done: () => void) => {
      socket.bufferedAmount += text.length
      taken.push(() => {
        socket.bufferedAmount -= text.length
        done()
      })
    },
  }
  let overflows = 0
  const limits = { bytes: 1_000, stallMs: 5_000 }
  const outbox = new Outbox(socket as unknown as WebSocket, limits, () => (overflows += 1))
  const send = (): string[] => {
    outbox.next('1', Answer.fromText('{"data":null}'))
    const happened: string[] = []
    void outbox.taken()?.then(() => happened.push('taken'))
    return happened
  }
  return { outbox, socket, send, take: () => taken.shift()?.(), overflows: () => overflows }
}

describe('messages to a client', () => {
  it('are taken at once where nothing waits', () => {
    const { outbox, socket } = create()
    socket.send = (_text, done) => done()
    outbox.next('1', Answer.fromText('{"data":null}'))
    expect(outbox.taken()).toBeUndefined()
  })

  it('are taken each by itself, whatever else waits behind them', async () => {
    const { socket, send, take, overflows } = create()
    const [first, second] = [send(), send()]
    // A ping, of which nobody hears when it has gone out.
    socket.bufferedAmount += 2
    take()
    await jest.advanceTimersByTimeAsync(0)
    expect([first, second]).toEqual([['taken'], []])
    take()
    await jest.advanceTimersByTimeAsync(5_000)
    expect([second, overflows()]).toEqual([['taken'], 0])
  })

  it('that are not taken in time are too many', async () => {
    const { send, overflows } = create()
    send()
    await jest.advanceTimersByTimeAsync(4_999)
    expect(overflows()).toBe(0)
    await jest.advanceTimersByTimeAsync(1)
    expect(overflows()).toBe(1)
  })
})
