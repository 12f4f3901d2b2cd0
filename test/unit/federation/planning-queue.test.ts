import { once } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { PlanningQueue } from '../../../src/federation/planning/planning-queue.js'
import { withinTime } from '../../../src/federation/planning/within-time.js'

afterEach(() => void jest.useRealTimers())

describe('the queue before a planner', () => {
  it('lets so many in at once, the others in the order in which they came', async () => {
    const queue = new PlanningQueue({ running: 2, waiting: 2 })
    const order: string[] = []
    const enter = (name: string) => queue.enter().then((leave) => (order.push(name), leave))
    const [first, second] = [await enter('first'), await enter('second')]
    const third = enter('third')
    const fourth = enter('fourth')
    expect(order).toEqual(['first', 'second'])
    second()
    const leaveThird = await third
    expect(order).toEqual(['first', 'second', 'third'])
    first()
    leaveThird()
    ;(await fourth)()
    expect(order).toEqual(['first', 'second', 'third', 'fourth'])
    const again = await Promise.all([queue.enter(), queue.enter()])
    expect(again).toHaveLength(2)
  })

  it('refuses when too many wait, and takes the next when one has gone', async () => {
    const queue = new PlanningQueue({ running: 1, waiting: 1 })
    const leave = await queue.enter()
    const waiting = queue.enter()
    await expect(queue.enter()).rejects.toMatchObject({ name: 'PlanningInterrupted', reason: 'busy' })
    leave()
    const leaveToo = await waiting
    const next = queue.enter()
    leaveToo()
    await expect(next).resolves.toEqual(expect.any(Function))
  })
})

describe('a time limit', () => {
  it('releases the caller and tells the work', async () => {
    jest.useFakeTimers()
    let signal: AbortSignal | undefined
    const limited = withinTime(2_000, (given) => {
      signal = given
      return new Promise<never>(() => undefined)
    })
    const refused = expect(limited).rejects.toMatchObject({ reason: 'timeout' })
    jest.advanceTimersByTime(1_999)
    expect(signal?.aborted).toBe(false)
    jest.advanceTimersByTime(2)
    expect(signal?.aborted).toBe(true)
    await refused
  })

  it('takes an answer that came in time, also where this process looks for it too late', async () => {
    const { port1: ours, port2: theirs } = new MessageChannel()
    const answered = withinTime(20, (signal) => once(ours, 'message', { signal }))
    theirs.postMessage('a plan')
    // Nothing of this process runs until the time is over.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60)
    await expect(answered).resolves.toHaveLength(1)
    ours.close()
  })

  it('leaves no timer behind', async () => {
    jest.useFakeTimers()
    await expect(withinTime(1_000, () => Promise.resolve('done'))).resolves.toBe('done')
    await expect(withinTime(1_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(jest.getTimerCount()).toBe(0)
  })
})
