import { describe, expect, it } from '@jest/globals'
import { createLimitStore } from '../../../src/infra/limit-store/create-limit-store.js'
import { infraOptions } from '../../../src/infra/options.js'
import { GatewayError } from '../../../src/kernel/gateway-error.js'
import { createFailedCredentials } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { makeContext } from './make-context.js'

const toOptions = (failedCredentials: object) =>
  limitsOptions.parse({ requests: { failedCredentials } }).requests

function createWorld(failedCredentials: object = { limit: 3 }) {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  let taken = 0
  const store = createLimitStore(undefined, infraOptions.parse({}), clock)
  const limitStore = {
    ...store,
    take: (...asked: Parameters<typeof store.take>) => {
      taken += 1
      return store.take(...asked)
    },
  }
  const failures = createFailedCredentials(toOptions(failedCredentials), { limitStore, clock })
  const from = (address = '192.0.2.1') => makeContext({ client: { address } })
  return {
    clock,
    failures,
    from,
    taken: () => taken,
    fail: async (context = from(), failure: unknown = new GatewayError('UNAUTHENTICATED', 'No.')) =>
      failures.refuse(context, failure).catch((error: unknown) => (error as { code?: string }).code ?? error),
    isOpen: (address?: string) => {
      try {
        failures.assertOpen(from(address))
        return true
      } catch (error) {
        expect(error).toMatchObject({ code: 'REQUEST_RATE_LIMITED' })
        return false
      }
    },
  }
}

describe('failed credentials', () => {
  it('are refused as what they are up to the limit, and then without being looked at', async () => {
    const { fail, isOpen, clock, taken, from } = createWorld()
    for (let call = 0; call < 3; call += 1) expect(await fail()).toBe('UNAUTHENTICATED')
    expect(isOpen()).toBe(true)
    clock.nowMs = 20_500
    const over = from()
    expect(await fail(over)).toBe('REQUEST_RATE_LIMITED')
    expect(Object.fromEntries(over.responseHead.entries())).toMatchObject({
      'ratelimit-policy': '"failed-credentials";q=3;w=60',
      'x-ratelimit-remaining': '0',
      'retry-after': '40',
    })
    expect(isOpen()).toBe(false)
    const asked = taken()
    clock.nowMs = 22_000
    const again = from()
    expect(await fail(again)).toBe('REQUEST_RATE_LIMITED')
    expect(Object.fromEntries(again.responseHead.entries())).toMatchObject({
      'ratelimit-policy': '"failed-credentials";q=3;w=60',
      ratelimit: '"failed-credentials";r=0;t=38',
      'x-ratelimit-remaining': '0',
      'retry-after': '38',
    })
    for (let call = 0; call < 100; call += 1) expect(await fail()).toBe('REQUEST_RATE_LIMITED')
    expect(taken()).toBe(asked)
    clock.nowMs = 60_000
    expect(isOpen()).toBe(true)
    expect(await fail()).toBe('UNAUTHENTICATED')
  })

  it('are counted per address, IPv6 per network', async () => {
    const { fail, isOpen, from } = createWorld({ limit: 1 })
    for (const address of ['192.0.2.1', '2001:db8::1']) {
      expect(await fail(from(address))).toBe('UNAUTHENTICATED')
      expect(await fail(from(address))).toBe('REQUEST_RATE_LIMITED')
    }
    expect([isOpen('2001:db8::2'), isOpen('2001:db8:0:1::1'), isOpen('192.0.2.2')]).toEqual([
      false,
      true,
      true,
    ])
  })

  it('count nothing else, and pass every other refusal on', async () => {
    const { fail, taken, from } = createWorld()
    const fault = new TypeError('broken')
    expect(await fail(from(), fault)).toBe(fault)
    expect(await fail(from(), new GatewayError('IDENTITY_UNAVAILABLE', 'Later.'))).toBe(
      'IDENTITY_UNAVAILABLE',
    )
    expect(taken()).toBe(0)
  })

  it('can be switched off, and are let in again by another limit', async () => {
    const { failures, fail, isOpen } = createWorld({ limit: 1 })
    await fail()
    await fail()
    expect(isOpen()).toBe(false)
    failures.use(toOptions({ limit: 5 }))
    expect(isOpen()).toBe(true)
    failures.use(toOptions({ enabled: false }))
    for (let call = 0; call < 9; call += 1) expect(await fail()).toBe('UNAUTHENTICATED')
  })

  it('of a million addresses are kept in bounded memory', async () => {
    const { fail, from, isOpen } = createWorld({ limit: 1 })
    for (let host = 0; host < 12_000; host += 1) {
      const address = `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`
      await fail(from(address))
      await fail(from(address))
    }
    expect(isOpen('10.0.46.223')).toBe(false)
    expect(isOpen('10.0.0.1')).toBe(true)
  })
})
