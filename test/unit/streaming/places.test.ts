import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { SYSTEM_CLOCK } from '../../../src/kernel/ports/clock.js'
import { NO_METRICS, type Metrics } from '../../../src/kernel/ports/metrics.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { Places } from '../../../src/streaming/index.js'
import { streamingOptions } from '../../../src/streaming/options.js'

const caller = (key: string, more: Partial<Principal> = {}) => ({ key, ...more }) as Principal

function create(options: object = {}) {
  const counted: string[] = []
  const metrics: Metrics = {
    ...NO_METRICS,
    subscriptionOpened: () => void counted.push('opened'),
    subscriptionEnded: (end) => void counted.push(end),
    countSubscriptionEvent: () => void counted.push('event'),
  }
  const places = new Places(streamingOptions.parse(options), metrics, SYSTEM_CLOCK)
  const told: string[] = []
  const subscription = {
    shutDown: () => void told.push('shutDown'),
    recheck: () => void told.push('recheck'),
  }
  return { places, counted, told, subscription }
}

const refusal = (code: string) => expect.objectContaining({ code })

describe('the places of subscriptions', () => {
  it('are bounded by caller and overall, and come back once', () => {
    const { places } = create({ maxOpen: 3, maxOpenPerCaller: 2 })
    const first = places.take(caller('a'))
    places.take(caller('a'))
    expect(() => places.take(caller('a'))).toThrow(refusal('SUBSCRIPTION_MAX_LIMIT'))
    places.take(caller('b'))
    expect(() => places.take(caller('c'))).toThrow(refusal('SUBSCRIPTION_MAX_LIMIT'))
    first.leave('stopped')
    first.leave('stopped')
    places.take(caller('a'))
    expect(() => places.take(caller('c'))).toThrow(refusal('SUBSCRIPTION_MAX_LIMIT'))
  })

  it('are counted only when a subscription was open', () => {
    const { places, counted, subscription } = create()
    places.take(caller('a')).leave(undefined)
    const place = places.take(caller('a'))
    place.hold(subscription)
    place.answered()
    place.leave('completed')
    expect(counted).toEqual(['opened', 'event', 'completed'])
  })

  it('end with the instance, those that are opened late too; nobody gets one then', () => {
    const { places, told, subscription } = create()
    places.take(caller('a')).hold(subscription)
    const late = places.take(caller('a'))
    places.stop()
    expect(told).toEqual(['shutDown'])
    late.hold(subscription)
    expect(told).toEqual(['shutDown', 'shutDown'])
    expect(() => places.take(caller('b'))).toThrow(refusal('SHUTTING_DOWN'))
  })

  describe('while time passes', () => {
    beforeEach(() => void jest.useFakeTimers())
    afterEach(() => void jest.useRealTimers())

    it('have their credentials looked at, and no timer once all are empty', () => {
      const { places, told, subscription } = create({ recheckSeconds: 2 })
      const place = places.take(caller('a'))
      place.hold(subscription)
      jest.advanceTimersByTime(4_000)
      expect(told).toEqual(['recheck', 'recheck'])
      place.leave('stopped')
      jest.advanceTimersByTime(2_000)
      expect([told.length, jest.getTimerCount()]).toEqual([2, 0])
    })

    it('have a credential looked at as soon as it is refused, however far the next look is', () => {
      const { places, told, subscription } = create({ recheckSeconds: 3_600 })
      const expiresAtSeconds = SYSTEM_CLOCK.now() / 1_000 + 60
      const place = places.take(caller('a', { expiresAtSeconds }))
      places.take(caller('b', { expiresAtSeconds })).hold(subscription)
      place.hold(subscription)
      place.leave('stopped')
      jest.advanceTimersByTime(59_999)
      expect(told).toEqual([])
      jest.advanceTimersByTime(2)
      expect(told).toEqual(['recheck'])
    })

    it('leave an end that no timer reaches to the next looks', () => {
      const { places, told, subscription } = create({ recheckSeconds: 3_600 })
      const expiresAtSeconds = SYSTEM_CLOCK.now() / 1_000 + 30 * 86_400
      places.take(caller('a', { expiresAtSeconds })).hold(subscription)
      jest.advanceTimersByTime(3_599_000)
      expect(told).toEqual([])
    })
  })
})
