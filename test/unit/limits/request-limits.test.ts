import { describe, expect, it } from '@jest/globals'
import { createLimitStore } from '../../../src/infra/limit-store/create-limit-store.js'
import { infraOptions } from '../../../src/infra/options.js'
import type { Authorized } from '../../../src/kernel/contexts.js'
import type { LimitStore } from '../../../src/kernel/ports/limit-store.js'
import { createRequestLimits } from '../../../src/limits/index.js'
import { limitsOptions } from '../../../src/limits/options.js'
import { ANONYMOUS, makeContext, makeOperation, makePrincipal } from './make-context.js'

const toOptions = (requests: object) => limitsOptions.parse({ requests }).requests

/** As the line has it: what nobody admitted yet has no admission. */
const asked = (context: Authorized): Authorized => ({ ...context, admission: undefined }) as never

function createWorld(requests: object = {}, store?: LimitStore) {
  const clock = { nowMs: 0, now: () => clock.nowMs }
  const limitStore = store ?? createLimitStore(undefined, infraOptions.parse({}), clock)
  const limits = createRequestLimits(toOptions(requests), { limitStore })
  const run = async (context: Authorized) => limits.stage.run(asked(context))
  const code = async (context: Authorized): Promise<string> =>
    run(context).then(
      () => 'admitted',
      (refusal: unknown) => (refusal as { code: string }).code,
    )
  return { clock, limits, run, code }
}

const headersOf = ({ responseHead }: Authorized) => Object.fromEntries(responseHead.entries())

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
    await run(makeContext())
    clock.nowMs = 12_500
    const context = makeContext()
    await run(context)
    expect(headersOf(context)).toEqual({
      'ratelimit-policy': '"default";q=600;w=60',
      ratelimit: '"default";r=597;t=60',
      'x-ratelimit-limit': '600',
      'x-ratelimit-remaining': '597',
      'x-ratelimit-reset': '60',
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
    const { run, code } = createWorld({ perWindow: { free: 1, anonymous: 1 } })
    const from = (address: string) => makeContext({ principal: ANONYMOUS, client: { address } })
    await run(makeContext({ principal: makePrincipal({ key: 'user:acme:u-1' }) }))
    await run(makeContext({ principal: makePrincipal({ key: 'user:globex:u-1', tenant: 'globex' }) }))
    await run(from('192.0.2.1'))
    await run(from('192.0.2.2'))
    await run(from('2001:db8:0:1::1'))
    await run(from('2001:db8:0:2::1'))
    const again = [from('192.0.2.1'), from('::ffff:192.0.2.2'), from('2001:db8::1:ffff:0:0:9')]
    for (const context of again) expect(await code(context)).toBe('REQUEST_RATE_LIMITED')
  })

  it('do not keep a signed-in caller from another address apart', async () => {
    const { run, code } = createWorld({ perWindow: { free: 1 } })
    await run(makeContext({ client: { address: '192.0.2.1' } }))
    expect(await code(makeContext({ client: { address: '192.0.2.2' } }))).toBe('REQUEST_RATE_LIMITED')
  })

  it('decide without waiting where counts are in this process', () => {
    const { limits } = createWorld()
    expect(limits.stage.run(asked(makeContext()))).toMatchObject({ admission: { remaining: 599 } })
  })

  it('can be switched off: no waiting, no header', () => {
    const { limits } = createWorld({ enabled: false })
    const context = makeContext()
    expect(limits.stage.run(asked(context))).toMatchObject({ admission: { remaining: Infinity } })
    expect(headersOf(context)).toEqual({})
  })

  it('count a caller with a very long name under a short one', async () => {
    const subjects: string[] = []
    const store: LimitStore = {
      isShared: () => false,
      giveBack: () => undefined,
      take: (partition, claims) => {
        subjects.push(partition, ...claims.map(({ subject }) => subject))
        return { ...NOBODY_COUNTS, claims, standings: [], partition }
      },
    }
    const { run } = createWorld({}, store)
    await run(
      makeContext({ principal: makePrincipal({ key: 'k'.repeat(9_000), tenant: 't'.repeat(9_000) }) }),
    )
    for (const subject of subjects) expect(subject.length).toBeLessThan(64)
  })
})

const NOBODY_COUNTS = { isAdmitted: true, isUnavailable: false, atMs: 0, countedBy: 'local' } as const

describe('limits of the default class that apply together', () => {
  const limits = [
    { per: 'tenant', limit: { free: 3, pro: 100 } },
    { per: 'address', limit: 50, algorithm: 'tokenBucket', burst: 5, windowSeconds: 100 },
  ]

  it('are all announced, and the tightest where there is room for one', async () => {
    const { run } = createWorld({ limits })
    const context = makeContext()
    await run(context)
    expect(headersOf(context)).toEqual({
      'ratelimit-policy': '"default";q=600;w=60, "default.tenant";q=3;w=60, "default.address2";q=5;w=10',
      ratelimit: '"default";r=599;t=60, "default.tenant";r=2;t=60, "default.address2";r=4;t=2',
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '2',
      'x-ratelimit-reset': '60',
    })
  })

  it('refuse together and charge nothing then', async () => {
    const { run, code, clock } = createWorld({ limits })
    const user = (name: string) => makeContext({ principal: makePrincipal({ key: `user:${name}` }) })
    for (const name of ['a', 'b', 'c']) await run(user(name))
    for (let again = 0; again < 20; again += 1) expect(await code(user('d'))).toBe('REQUEST_RATE_LIMITED')
    clock.nowMs = 60_000
    const context = user('d')
    await run(context)
    expect(headersOf(context)).toMatchObject({ ratelimit: expect.stringContaining('"default";r=599') })
  })

  it('do not count an anonymous caller for a tenant', async () => {
    const { run } = createWorld({ limits })
    const context = makeContext({ principal: ANONYMOUS })
    await run(context)
    expect(headersOf(context)['ratelimit-policy']).toBe('"default";q=300;w=60, "default.address2";q=5;w=10')
  })
})

describe('classes of requests', () => {
  const one = (match: object, more: object = {}) => ({
    classes: [{ name: 'special', match, limits: [{ limit: 1 }], ...more }],
  })
  const machine = makePrincipal({
    kind: 'machine',
    plan: 'pro',
    key: 'key:1',
    apiKey: { id: '1', name: 'one' },
  })

  it.each([
    ['front end', { frontEnds: ['bff'] }, makeContext({ frontEnd: 'bff' })],
    [
      'route',
      { routes: ['/web/products/:id'] },
      makeContext({ frontEnd: 'bff', route: '/web/products/:id' }),
    ],
    ['routes that begin alike', { routes: ['/web/*'] }, makeContext({ frontEnd: 'bff', route: '/web/home' })],
    [
      'endpoint',
      { endpoints: ['Home'] },
      makeContext({ stored: makeOperation('query Home { __typename }') }),
    ],
    ['client', { clients: ['phone'] }, makeContext({ client: { address: '192.0.2.1', name: 'phone' } })],
    ['plan', { plans: ['pro'] }, makeContext({ principal: machine })],
    ['kind of caller', { principals: ['anonymous'] }, makeContext({ principal: ANONYMOUS })],
    [
      'stored mutation',
      { operations: ['mutation'] },
      makeContext({ stored: makeOperation('mutation { a }') }),
    ],
    ['GET', { operations: ['query'] }, makeContext({ readOnly: true })],
  ])('are told by %s', async (_what, match, fitting) => {
    const { code, run } = createWorld(one(match))
    await run(makeContext())
    expect(await code(fitting)).toBe('admitted')
    expect(headersOf(fitting)['ratelimit-policy']).toMatch(/^"special";q=1;w=60, "default";q=\d+;w=60$/)
    expect(await code(fitting)).toBe('REQUEST_RATE_LIMITED')
    expect(await code(makeContext())).toBe('admitted')
  })

  it('must fit in all that is named', async () => {
    const { code } = createWorld(one({ frontEnds: ['bff'], plans: ['pro'] }))
    for (const context of [makeContext({ principal: machine }), makeContext({ frontEnd: 'bff' })]) {
      expect(await code(context)).toBe('admitted')
      expect(headersOf(context)['ratelimit-policy']).not.toContain('special')
    }
  })

  it('are taken in their order, and alone where they want it', async () => {
    const { run } = createWorld({
      classes: [
        { name: 'first', match: { plans: ['pro'] }, limits: [{ limit: 5 }], alsoDefault: false },
        { name: 'second', match: {}, limits: [{ limit: 7 }] },
      ],
    })
    const [pro, free] = [makeContext({ principal: machine }), makeContext()]
    await run(pro)
    await run(free)
    expect(headersOf(pro)['ratelimit-policy']).toBe('"first";q=5;w=60')
    expect(headersOf(free)['ratelimit-policy']).toBe('"second";q=7;w=60, "default";q=600;w=60')
  })

  it('count a limit per user, key, tenant and address for whom it fits only', async () => {
    const limits = ['user', 'apiKey', 'tenant', 'address'].map((per) => ({ per, limit: 9 }))
    const { run } = createWorld({ classes: [{ name: 'all', match: {}, limits, alsoDefault: false }] })
    const policyOf = async (context: Authorized) => {
      await run(context)
      return headersOf(context)['ratelimit-policy']
    }
    expect(await policyOf(makeContext())).toBe(
      '"all";q=9;w=60, "all.tenant2";q=9;w=60, "all.address3";q=9;w=60',
    )
    expect(await policyOf(makeContext({ principal: machine }))).toBe(
      '"all.apiKey";q=9;w=60, "all.tenant2";q=9;w=60, "all.address3";q=9;w=60',
    )
    const client = makePrincipal({ kind: 'machine', key: 'client:1' })
    expect(await policyOf(makeContext({ principal: client }))).toBe(
      '"all.tenant2";q=9;w=60, "all.address3";q=9;w=60',
    )
    expect(await policyOf(makeContext({ principal: ANONYMOUS }))).toBe('"all.address3";q=9;w=60')
  })

  it('for a kind of operation are looked at after parsing, where only the text tells it', async () => {
    const { limits, run } = createWorld(one({ operations: ['mutation'] }))
    const stage = limits.beforeOperation({
      name: 'limitOperation',
      run: (context) => ({ ...context, charge: { countedFields: 0 } }),
    })
    const mutation = makeOperation('mutation { placeOrder }')
    const charge = async () => {
      const context = makeContext({ operation: mutation })
      const admitted = await run(context)
      return { context, charging: (async () => stage.run({ ...context, ...admitted }))() }
    }
    const first = await charge()
    await expect(first.charging).resolves.toMatchObject({ admission: { limit: 1, remaining: 0 } })
    expect(headersOf(first.context)).toMatchObject({
      'ratelimit-policy': '"default";q=600;w=60, "special";q=1;w=60',
      ratelimit: '"default";r=599;t=60, "special";r=0;t=60',
      'x-ratelimit-limit': '1',
    })
    await expect((await charge()).charging).rejects.toMatchObject({ code: 'REQUEST_RATE_LIMITED' })
    const query = makeContext()
    await expect((async () => stage.run(query))()).resolves.toMatchObject({ charge: { countedFields: 0 } })
  })

  it('hold a stricter one for the token endpoint', async () => {
    const { run, code } = createWorld({ authentication: { limit: 2 } })
    const context = () => makeContext({ frontEnd: 'oauth', principal: ANONYMOUS })
    await run(context())
    const second = context()
    await run(second)
    expect(headersOf(second)['ratelimit-policy']).toBe('"authentication";q=2;w=60, "default";q=300;w=60')
    expect(await code(context())).toBe('REQUEST_RATE_LIMITED')
    expect(await code(makeContext({ principal: ANONYMOUS }))).toBe('admitted')
  })

  it('may not have one name twice', () => {
    const twice = (name: string) => () =>
      toOptions({ classes: [{ name, match: {}, limits: [{ limit: 1 }] }] })
    expect(twice('default')).toThrow('The name default is there twice.')
    expect(twice('other')).not.toThrow()
  })
})

describe('other limits during service', () => {
  it('act at once, and counts go on', async () => {
    const { run, code, limits } = createWorld({ perWindow: { free: 5 } })
    for (let call = 0; call < 3; call += 1) await run(makeContext())
    limits.use(toOptions({ perWindow: { free: 3 } }))
    expect(await code(makeContext())).toBe('REQUEST_RATE_LIMITED')
    limits.use(toOptions({ perWindow: { free: 4 } }))
    expect(await code(makeContext())).toBe('admitted')
    limits.use(toOptions({ enabled: false }))
    expect(await code(makeContext())).toBe('admitted')
  })
})

describe('a store that is away', () => {
  it('refuses as unavailable where a limit wants it so', async () => {
    const away: LimitStore = {
      isShared: () => false,
      giveBack: () => undefined,
      take: (partition, claims) => ({
        ...NOBODY_COUNTS,
        isAdmitted: false,
        isUnavailable: true,
        claims,
        partition,
        standings: [{ remaining: 0, resetMs: 1_000, waitMs: 1_000, used: 0 }],
      }),
    }
    const { run } = createWorld({}, away)
    const context = makeContext()
    await expect(run(context)).rejects.toMatchObject({ code: 'LIMITS_UNAVAILABLE', status: 503 })
    expect(headersOf(context)['retry-after']).toBe('1')
  })

  it('announces nothing of a limit that is open then', async () => {
    const open: LimitStore = {
      isShared: () => false,
      giveBack: () => undefined,
      take: (partition, claims) => ({ ...NOBODY_COUNTS, claims, partition, standings: [undefined] }),
    }
    const { run } = createWorld({}, open)
    const context = makeContext()
    await expect(run(context)).resolves.toMatchObject({ admission: { remaining: Infinity } })
    expect(headersOf(context)).toEqual({})
  })
})
