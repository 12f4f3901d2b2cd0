import { describe, expect, it } from '@jest/globals'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { infraOptions } from '../../../src/infra/options.js'
import { createRateCounter } from '../../../src/infra/rate-counter.js'
import type { LimiterOptions } from '../../../src/kernel/ports/rate-counter.js'
import { createRequestLimits } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { ANONYMOUS, makeContext, makePrincipal } from './make-context.js'

function createWorld(requests: object = {}) {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  const counter = createRateCounter(undefined, infraOptions.parse({}), clock)
  const { stage } = createRequestLimits(limitsOptions.parse({ requests }), { counter })
  return { clock, run: async (context: Parameters<typeof stage.run>[0]) => stage.run(context) }
}

const headersOf = ({ responseHead }: ReturnType<typeof makeContext>) =>
  Object.fromEntries(responseHead.entries())

describe('the request limits', () => {
  it.each([
    ['anonymous', ANONYMOUS, 300],
    ['free', makePrincipal({ plan: 'free' }), 600],
    ['pro', makePrincipal({ plan: 'pro' }), 3_000],
    ['enterprise', makePrincipal({ plan: 'enterprise', kind: 'machine' }), 12_000],
  ])('give a caller of kind %s its share of the contract', async (_kind, principal, limit) => {
    const { run } = createWorld()
    const { admission } = await run(makeContext({ principal }))
    expect(admission).toEqual({ limit, remaining: limit - 1, resetSeconds: 60 })
  })

  it('say on admission what is left, in both forms', async () => {
    const { run, clock } = createWorld()
    await run(makeContext())
    clock.nowMs = 12_400
    const context = makeContext()
    await run(context)
    expect(headersOf(context)).toEqual({
      'ratelimit-policy': '"default";q=600;w=60',
      ratelimit: '"default";r=598;t=48',
      'x-ratelimit-limit': '600',
      'x-ratelimit-remaining': '598',
      'x-ratelimit-reset': '48',
    })
  })

  it('refuse what is over, say when to come again, and let in after the window', async () => {
    const { run, clock } = createWorld({ windowSeconds: 10, perWindow: { free: 2 } })
    await run(makeContext())
    await run(makeContext())
    clock.nowMs = 7_500
    const refused = makeContext()
    await expect(run(refused)).rejects.toMatchObject({
      code: 'REQUEST_RATE_LIMITED',
      status: 429,
      extensions: { retryAfterSeconds: 3 },
    })
    expect(headersOf(refused)).toEqual({
      'ratelimit-policy': '"default";q=2;w=10',
      ratelimit: '"default";r=0;t=3',
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '3',
      'retry-after': '3',
    })
    clock.nowMs = 10_000
    await expect(run(makeContext())).resolves.toMatchObject({ admission: { remaining: 1 } })
  })

  it('count each caller for itself, and an anonymous one by its network', async () => {
    const { run } = createWorld({ perWindow: { free: 1, anonymous: 1 } })
    const from = (address: string) => makeContext({ principal: ANONYMOUS, client: { address } })
    await run(makeContext({ principal: makePrincipal({ key: 'user:acme:u-1' }) }))
    await run(makeContext({ principal: makePrincipal({ key: 'user:globex:u-1' }) }))
    await run(from('192.0.2.1'))
    await run(from('192.0.2.2'))
    await run(from('2001:db8:0:1::1'))
    await run(from('2001:db8:0:2::1'))
    const again = [from('192.0.2.1'), from('::ffff:192.0.2.2'), from('2001:db8::1:ffff:0:0:9')]
    for (const context of again)
      await expect(run(context)).rejects.toMatchObject({ code: 'REQUEST_RATE_LIMITED' })
  })

  it('do not keep a signed-in caller from another address apart', async () => {
    const { run } = createWorld({ perWindow: { free: 1 } })
    await run(makeContext({ client: { address: '192.0.2.1' } }))
    await expect(run(makeContext({ client: { address: '192.0.2.2' } }))).rejects.toMatchObject({
      code: 'REQUEST_RATE_LIMITED',
    })
  })

  it('can be switched off: no waiting, no header', () => {
    const counter = createRateCounter(undefined, infraOptions.parse({}), { now: () => 0 })
    const { stage } = createRequestLimits(limitsOptions.parse({ requests: { enabled: false } }), { counter })
    const context = makeContext()
    expect(stage.run(context)).toMatchObject({ admission: { remaining: Infinity } })
    expect(headersOf(context)).toEqual({})
  })

  it('do not take a fault of the counter for a refusal', async () => {
    class BrokenLimiter extends RateLimiterMemory {
      override consume(): Promise<never> {
        return Promise.reject(new TypeError('broken'))
      }
    }
    const counter = {
      isShared: () => false,
      createLimiter: (options: LimiterOptions) => new BrokenLimiter(options),
    }
    const { stage } = createRequestLimits(limitsOptions.parse({}), { counter })
    await expect(stage.run(makeContext())).rejects.toThrow(TypeError)
  })
})
