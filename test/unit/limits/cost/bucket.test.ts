import { describe, expect, it } from '@jest/globals'
import { createLocalLimitStore } from '../../../../src/infra/limit-store/local-limit-store.js'
import { createCostBucket } from '../../../../src/limits/cost/cost-bucket.js'
import { costOptions } from '../../../../src/limits/cost/options.js'
import { ANONYMOUS, makeContext, makePrincipal } from '../make-context.js'

function createWorld(bucket: object = {}) {
  const clock = { nowMs: 1_000_000, now: () => clock.nowMs }
  const options = costOptions.parse({
    mode: 'enforce',
    maximum: { anonymous: 50, free: 100 },
    bucket: {
      enabled: true,
      perWindow: { anonymous: 60, free: 600 },
      burst: { anonymous: 50, free: 100 },
      ...bucket,
    },
  })
  const take = createCostBucket(
    options,
    createLocalLimitStore(1_000_000, clock, () => 1),
  )
  return { clock, take }
}

describe('the bucket of cost', () => {
  it('pays estimates until it is empty, says when to come again, and refills steadily', async () => {
    const { clock, take } = createWorld()
    const context = makeContext()
    await take(context, 70)
    expect(context.responseHead.get('ratelimit-policy')).toBe('"cost";q=100;w=10')
    expect(context.responseHead.get('ratelimit')).toBe('"cost";r=30;t=7')
    const refused = makeContext()
    await expect(async () => take(refused, 40)).rejects.toMatchObject({
      code: 'REQUEST_RATE_LIMITED',
      status: 429,
      extensions: { retryAfterSeconds: 1, costEstimated: 40 },
    })
    expect(refused.responseHead.get('retry-after')).toBe('1')
    // What was refused took nothing.
    await take(makeContext(), 30)
    clock.nowMs += 4_000
    await take(makeContext(), 40)
    await expect(async () => take(makeContext(), 1)).rejects.toMatchObject({ code: 'REQUEST_RATE_LIMITED' })
  })

  it('gets back what was not needed, and no more than was taken', async () => {
    const { take } = createWorld()
    const giveBack = await take(makeContext(), 100)
    giveBack?.(60)
    await take(makeContext(), 60)
    await expect(async () => take(makeContext(), 1)).rejects.toMatchObject({ code: 'REQUEST_RATE_LIMITED' })
    const other = makeContext({ principal: makePrincipal({ key: 'user:acme:u-2' }) })
    const returned = await take(other, 1)
    returned?.(1_000)
    returned?.(-5)
    await take(other, 100)
    await expect(async () => take(other, 1)).rejects.toMatchObject({ code: 'REQUEST_RATE_LIMITED' })
  })

  it('says how full it is with what came back, in its own place among the limits', async () => {
    const { take } = createWorld()
    const context = makeContext()
    context.responseHead.set('ratelimit', '"cost";r=30;t=7, "default";r=1;t=2')
    const giveBack = await take(context, 70)
    giveBack?.(0)
    expect(context.responseHead.get('ratelimit')).toBe('"cost";r=30;t=7, "default";r=1;t=2, "cost";r=30;t=7')
    giveBack?.(49.5)
    expect(context.responseHead.get('ratelimit')).toBe('"cost";r=30;t=7, "default";r=1;t=2, "cost";r=79;t=3')
    const whole = await take(context, 10)
    whole?.(10)
    expect(context.responseHead.get('ratelimit')).toMatch(/, "cost";r=79;t=3, "cost";r=79;t=3$/)
  })

  it('is each caller’s own, by plan, and joins the limits on requests in the headers', async () => {
    const { take } = createWorld()
    await take(makeContext(), 100)
    const anonymous = makeContext({ principal: ANONYMOUS })
    anonymous.responseHead.set('ratelimit', '"default";r=1;t=2')
    await take(anonymous, 50)
    expect(anonymous.responseHead.get('ratelimit')).toBe('"default";r=1;t=2, "cost";r=0;t=50')
    await expect(async () => take(makeContext({ principal: ANONYMOUS }), 1)).rejects.toMatchObject({
      code: 'REQUEST_RATE_LIMITED',
    })
    await take(makeContext({ principal: ANONYMOUS, client: { address: '198.51.100.7' } }), 50)
  })

  it('asks nothing of what costs nothing', () => {
    expect(createWorld().take(makeContext(), 0)).toBeUndefined()
    expect(createWorld({ enabled: false }).take(makeContext(), 70)).toBeUndefined()
  })

  it('must hold what one operation may cost', () => {
    const parsed = costOptions.safeParse({ bucket: { enabled: true, burst: { free: 4_999 } } })
    expect(parsed.error?.issues).toMatchObject([{ path: ['bucket', 'burst', 'free'] }])
  })
})
