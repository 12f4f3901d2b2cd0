import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createFieldLoader } from '../../../subgraphs/kit/batch-loader.js'
import { seedProducts } from '../../../subgraphs/kit/catalogue.js'
import { createEventHub } from '../../../subgraphs/kit/event-hub.js'
import { asksForSchemaOnly } from '../../../subgraphs/kit/identity-check.js'
import { fromCents, multiply, sum, toCents } from '../../../subgraphs/kit/money.js'
import { DEVELOPMENT_SIGNING_SECRET } from '../../../src/contract/development-secret.js'
import { readEnvironment } from '../../../subgraphs/kit/run-process.js'
import { decimalScalar } from '../../../subgraphs/kit/scalars.js'
import { escapeXml } from '../../../subgraphs/kit/svg.js'
import { TENANTS } from '../../../subgraphs/kit/tenants.js'
import { estimateShipping } from '../../../subgraphs/order/shipping.js'

describe('money', () => {
  it('survives the way to cents and back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), (cents) => {
        expect(toCents(fromCents(cents))).toBe(cents)
      }),
    )
  })

  it('adds up without the faults of floating point', () => {
    const line = { amount: '0.10', currency: 'EUR' }
    expect(sum([multiply(line, 1), multiply(line, 2)])).toEqual({ amount: '0.30', currency: 'EUR' })
    expect(multiply({ amount: '9999999999.99', currency: 'EUR' }, 1000).amount).toBe('9999999999990.00')
  })

  it('refuses what is no amount in cents', () => {
    expect(() => toCents('1.234')).toThrow(RangeError)
    expect(() => toCents('1e3')).toThrow(RangeError)
  })

  it.each(['1e3', 'abc', '', '--1', '1.', 'NaN'])('does not read %j as a decimal', (text) => {
    expect(() => decimalScalar.parseValue(text)).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }),
    )
  })
})

describe('shipping', () => {
  const price = { amount: '19.90', currency: 'EUR' }

  it('costs more for every kilogram begun and every border', () => {
    expect(estimateShipping(1000, price, 'DE').amount).toBe('4.80')
    expect(estimateShipping(1001, price, 'DE').amount).toBe('5.70')
    expect(estimateShipping(1000, price, 'FR').amount).toBe('8.70')
    expect(estimateShipping(1000, price, 'US').amount).toBe('21.40')
  })

  it('is free from 150.00 within the country', () => {
    expect(estimateShipping(9000, { ...price, amount: '149.99' }, 'DE').amount).toBe('12.00')
    expect(estimateShipping(9000, { ...price, amount: '150.00' }, 'DE').amount).toBe('0.00')
  })

  it('refuses what is no country', () => {
    const refusal = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })
    expect(() => estimateShipping(1, price, 'Germany')).toThrow(refusal)
  })
})

describe('the seeded catalogue', () => {
  const [acme, globex] = TENANTS.map(seedProducts)

  it('is the same at every call and another for every tenant', () => {
    expect(TENANTS.map(seedProducts)).toEqual([acme, globex])
    expect(acme?.map(({ name }) => name)).not.toEqual(globex?.map(({ name }) => name))
  })

  it('has at least 500 products with ids, SKUs and names of their own', () => {
    for (const products of [acme ?? [], globex ?? []]) {
      expect(products.length).toBeGreaterThanOrEqual(500)
      for (const key of ['id', 'sku', 'name'] as const) {
        expect(new Set(products.map((product) => product[key])).size).toBe(products.length)
      }
    }
  })
})

describe('what may be asked without a signature', () => {
  const body = (query: string): Buffer => Buffer.from(JSON.stringify({ query }))

  it.each(['{ _service { sdl } }', 'query Q { __typename }', '{ a: _service { sdl } __typename }'])(
    '%s',
    (query) => {
      expect(asksForSchemaOnly(body(query))).toBe(true)
    },
  )

  it.each([
    '{ me { id } }',
    '{ _service { sdl } me { id } }',
    '{ _service: me { id } }',
    '{ ...F } fragment F on Query { me { id } }',
    '{ ... on Query { me { id } } }',
    '{ __schema { types { name } } }',
    'query A { _service { sdl } } query B { me { id } }',
    'mutation { markNotificationsRead(ids: []) }',
    'not graphql',
  ])('not %s', (query) => {
    expect(asksForSchemaOnly(body(query))).toBe(false)
  })

  it('not a body that is no request', () => {
    for (const text of ['', '[]', 'null', '{"query":1}', '[{"query":"{ _service { sdl } }"}]']) {
      expect(asksForSchemaOnly(Buffer.from(text))).toBe(false)
    }
  })
})

describe('the environment', () => {
  const subgraph = { name: 'user', portVariable: 'USER_PORT', defaultPort: 4001 }

  it('has defaults for development', () => {
    const options = readEnvironment(subgraph, { DATABASE_URL: '' })
    expect(options).toMatchObject({ port: 4001, dataDir: '.data', secret: DEVELOPMENT_SIGNING_SECRET })
    expect(options).not.toHaveProperty('databaseUrl')
  })

  it.each([undefined, '', DEVELOPMENT_SIGNING_SECRET])(
    'refuses the known secret in production: %j',
    (secret) => {
      expect(() =>
        readEnvironment(subgraph, { NODE_ENV: 'production', GATEWAY_SIGNING_SECRET: secret }),
      ).toThrow('GATEWAY_SIGNING_SECRET')
    },
  )

  it.each(['x', '-1', '65536', '4001.5'])('refuses %s as a port', (port) => {
    expect(() => readEnvironment(subgraph, { USER_PORT: port })).toThrow('USER_PORT')
  })
})

describe('a field loader', () => {
  it('asks once for all parents with equal arguments', async () => {
    const calls: [readonly string[], number][] = []
    const loader = createFieldLoader<number, string>((ids, n) => {
      calls.push([ids, n])
      return Promise.resolve(new Map(ids.map((id) => [id, `${id}/${n}`])))
    }, 'absent')
    const key = (parentId: string, n: number) => ({ parentId, arguments: n })
    const values = await Promise.all(
      [key('a', 1), key('b', 1), key('a', 2), key('a', 1)].map((k) => loader.load(k)),
    )
    expect(values).toEqual(['a/1', 'b/1', 'a/2', 'a/1'])
    expect(calls).toEqual([
      [['a', 'b'], 1],
      [['a'], 2],
    ])
  })
})

describe('an event hub', () => {
  it('keeps events for a listener that is not waiting yet, and only those it wants', async () => {
    const hub = createEventHub<number>()
    const even = hub.listen((event) => event % 2 === 0)
    for (const event of [1, 2, 3, 4]) hub.publish(event)
    expect([await even.next(), await even.next()].map(({ value }) => value as number)).toEqual([2, 4])
  })

  it('ends a listener that waits', async () => {
    const stream = createEventHub<number>().listen(() => true)
    const waiting = stream.next()
    await stream.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('ends a listener that lags too far behind', async () => {
    const hub = createEventHub<number>()
    const slow = hub.listen(() => true)
    for (let event = 0; event < 2_000; event += 1) hub.publish(event)
    let heard = 0
    for await (const event of slow) heard = event
    expect(heard).toBe(1_000)
  })
})

it('text in pictures cannot become markup', () => {
  expect(escapeXml('<a href="x">&')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;')
})
