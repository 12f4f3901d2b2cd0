import { describe, expect, it } from '@jest/globals'
import type { Charged, Planned } from '../../../src/kernel/contexts.js'
import { SILENT_LOGGER } from '../../../src/kernel/ports/logger.js'
import { createLoadShedding } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { createKeepingLogger } from '../../support/small-server.js'
import { makeContext } from './make-context.js'

const toOptions = (shedding: object) =>
  limitsOptions.parse({ shedding: { beginDelayMs: 200, endDelayMs: 50, ...shedding } }).shedding

function createWorld(logger = SILENT_LOGGER) {
  const shedding = createLoadShedding(toOptions({}), { logger })
  const stage = shedding.before({ name: 'plan', run: (context) => context as Planned })
  const refusedOf = (calls: number) =>
    Array.from({ length: calls }, () => {
      const context = { ...makeContext(), charge: { countedFields: 0 } } as Charged
      try {
        return stage.run(context) !== context
      } catch (error) {
        expect(error).toMatchObject({ code: 'REQUEST_CONCURRENCY_LIMITED', status: 503 })
        expect(context.responseHead.get('retry-after')).toBe('1')
        return true
      }
    }).filter(Boolean).length
  const observe = (delayMs: number, times: number) => {
    for (let time = 0; time < times; time += 1) shedding.observe(delayMs)
  }
  return { shedding, refusedOf, observe }
}

describe('load shedding', () => {
  it('refuses nothing for one late turn, nor for many that are a little late', () => {
    const { refusedOf, observe } = createWorld()
    for (let time = 0; time < 20; time += 1) {
      observe(5_000, 2)
      observe(0, 1)
    }
    observe(199, 50)
    expect(refusedOf(100)).toBe(0)
  })

  it('refuses more and more while the loop stays late, in the end everything', () => {
    const { refusedOf, observe } = createWorld()
    observe(300, 3)
    expect(refusedOf(100)).toBe(10)
    observe(300, 4)
    expect(refusedOf(100)).toBe(50)
    observe(300, 20)
    expect(refusedOf(100)).toBe(100)
  })

  it('keeps what it refuses between the two delays, and gives it up below the lower one', () => {
    const { refusedOf, observe, shedding } = createWorld()
    observe(300, 7)
    observe(120, 50)
    expect(refusedOf(100)).toBe(50)
    observe(10, 4)
    expect(refusedOf(100)).toBe(30)
    observe(10, 20)
    expect(shedding.refusedShare()).toBe(0)
    expect(refusedOf(100)).toBe(0)
  })

  it('says when it begins and when it ends, once', () => {
    const { logger, lines } = createKeepingLogger()
    const { observe } = createWorld(logger)
    observe(300, 9)
    observe(0, 99)
    expect(lines.map(({ message }) => message)).toEqual([
      'The event loop is late; work is refused.',
      'The event loop is in time again; no work is refused.',
    ])
  })

  it('can be switched off while it is at work', () => {
    const { refusedOf, observe, shedding } = createWorld()
    observe(300, 9)
    shedding.use(toOptions({ enabled: false }))
    observe(300, 1)
    expect(refusedOf(100)).toBe(0)
  })

  it('measures a loop that is blocked', async () => {
    const { shedding } = createWorld()
    shedding.start()
    try {
      // Blocked for longer than the interval and the delay, turn after turn, until it is noticed.
      for (let turn = 0; turn < 50 && shedding.refusedShare() === 0; turn += 1) {
        const untilMs = performance.now() + 350
        while (performance.now() < untilMs);
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
      expect(shedding.refusedShare()).toBeGreaterThan(0)
    } finally {
      shedding.stop()
    }
  })
})
