import { describe, expect, it } from '@jest/globals'
import type { Charged } from '../../../src/kernel/contexts.js'
import type { Denial } from '../../../src/kernel/denial.js'
import type { Principal } from '../../../src/kernel/principal.js'
import { isPromise } from '../../../src/kernel/stage.js'
import { anonymous, CacheBench, charged, controlOf, statusOf, user } from './fixture.js'

const PRODUCT = '{ product(id: "p-1") { name } }'
const ME = '{ me { name } }'
const body = (name: string) => ({ data: { thing: { name } } })

describe('a catalogue query', () => {
  it('is a MISS, then a HIT with the same text and its age', () => {
    const bench = new CacheBench()
    const first = charged(PRODUCT)
    const text = bench.ask(first, body('one'))
    expect([statusOf(first), controlOf(first)]).toEqual(['MISS', 'public, max-age=60'])
    expect(first.responseHead.get('age')).toBeUndefined()
    bench.nowMs += 12_700
    const second = charged(PRODUCT)
    expect(bench.ask(second, body('two'))).toBe(text)
    expect([statusOf(second), controlOf(second)]).toEqual(['HIT', 'public, max-age=60'])
    expect(second.responseHead.get('age')).toBe('12')
    expect(second.responseHead.get('vary')).toBe('Authorization, X-API-Key')
  })

  it('is a MISS again once its age is over, whatever the store still has', () => {
    const bench = new CacheBench()
    bench.ask(charged(PRODUCT), body('one'))
    bench.nowMs += 59_999
    expect(bench.ask(charged(PRODUCT), body('two'))).toContain('one')
    bench.nowMs += 1
    const late = charged(PRODUCT)
    expect(bench.ask(late, body('two'))).toContain('two')
    expect(statusOf(late)).toBe('MISS')
    expect([...bench.entries.values()].map(({ ttlSeconds }) => ttlSeconds)).toEqual([60])
  })

  it('is shared by callers of one tenant and by generations of one graph', () => {
    const bench = new CacheBench()
    bench.ask(charged(PRODUCT), body('one'))
    const other = charged(PRODUCT, user('u-1'))
    expect(bench.ask(other, body('two'))).toContain('one')
    const again = new CacheBench({}, undefined, { store: bench.store })
    expect(again.ask(charged(PRODUCT, user('u-2')), body('two'))).toContain('one')
  })

  it('is read without a promise where the store answers at once, and with one where it does not', async () => {
    const bench = new CacheBench()
    bench.ask(charged(PRODUCT), body('one'))
    expect(isPromise(bench.cache.read(charged(PRODUCT)))).toBe(false)
    const { get, set } = bench.store
    const remote = new CacheBench({}, undefined, { store: { set, get: async (key) => get(key) } })
    expect(isPromise(remote.cache.read(charged('{ version }')))).toBe(false)
    const context = charged(PRODUCT)
    const remembered = await remote.cache.read(context)
    expect(remembered).toMatchObject({ status: 'HIT' })
    expect(statusOf(context)).toBe('HIT')
  })
})

describe('what is never kept', () => {
  const denial: Denial = {
    path: ['product'],
    parentTypes: new Set(['Query']),
    coordinate: 'Query.product',
    code: 'UNAUTHORIZED_FIELD_OR_TYPE',
    message: 'no',
  }

  it.each<[string, Charged]>([
    ['a mutation', charged('mutation { touch { name } }')],
    ['a query without hints', charged('{ version }')],
    ['a query with one part without hints', charged('{ product { name seller { name } } }')],
    ['introspection', charged('{ __schema { queryType { name } } }')],
    ['__typename alone', charged('{ __typename }')],
    ['an answer with denials', charged(PRODUCT, anonymous, { denials: [denial] })],
    ['an operation that is refused whole', charged(PRODUCT, anonymous, { permitted: null })],
    ['a private answer for nobody in particular', charged(ME)],
  ])('%s is bypassed', (_, context) => {
    const bench = new CacheBench()
    bench.ask(context, body('one'))
    expect([statusOf(context), controlOf(context)]).toEqual(['BYPASS', 'no-store'])
    expect(bench.entries.size).toBe(0)
  })

  it('nothing at all where the cache is switched off', () => {
    const bench = new CacheBench({ enabled: false })
    const context = charged(PRODUCT)
    bench.ask(context, body('one'))
    expect([statusOf(context), bench.entries.size]).toEqual(['BYPASS', 0])
  })

  it('answers with errors, from subgraphs or from shaping', () => {
    const bench = new CacheBench()
    const errors = [{ message: 'no', extensions: { code: 'SUBREQUEST_TIMEOUT' } }]
    const shapedFault = charged(PRODUCT)
    bench.ask(shapedFault, { errors, data: { product: null } })
    const fetchFault = charged(PRODUCT)
    bench.ask(fetchFault, body('one'), { errors } as object)
    expect([controlOf(shapedFault), controlOf(fetchFault)]).toEqual(['no-store', 'no-store'])
    expect(bench.entries.size).toBe(0)
  })

  it('but data that merely has a field called errors is', () => {
    const bench = new CacheBench()
    bench.ask(charged(PRODUCT), { data: { errors: ['mine'] } })
    expect(bench.entries.size).toBe(1)
  })

  it('answers over the size limit', () => {
    const bench = new CacheBench({ maxEntryBytes: 100 })
    bench.ask(charged(PRODUCT), body('ü'.repeat(45)))
    expect(bench.entries.size).toBe(0)
    bench.ask(charged(PRODUCT), body('ü'.repeat(30)))
    expect(bench.entries.size).toBe(1)
  })
})

describe('what subgraphs say of their replies', () => {
  const ask = (
    cachePolicy: { maxAgeSeconds: number; scope: 'PUBLIC' | 'PRIVATE' },
    principal: Principal = user('u-1'),
  ) => {
    const bench = new CacheBench()
    const context = charged(PRODUCT, principal)
    bench.ask(context, body('one'), { cachePolicy })
    return {
      control: controlOf(context),
      ttl: [...bench.entries.values()].map(({ ttlSeconds }) => ttlSeconds),
    }
  }

  it('shortens the age but never lengthens it', () => {
    expect(ask({ maxAgeSeconds: 7, scope: 'PUBLIC' })).toEqual({ control: 'public, max-age=7', ttl: [7] })
    expect(ask({ maxAgeSeconds: 700, scope: 'PUBLIC' })).toEqual({ control: 'public, max-age=60', ttl: [60] })
  })

  it('forbids: age zero, or none that is a number', () => {
    expect(ask({ maxAgeSeconds: 0, scope: 'PUBLIC' })).toEqual({ control: 'no-store', ttl: [] })
    expect(ask({ maxAgeSeconds: NaN, scope: 'PUBLIC' })).toEqual({ control: 'no-store', ttl: [] })
  })

  it('turns the answer private: then it is not kept where everybody looks', () => {
    expect(ask({ maxAgeSeconds: 60, scope: 'PRIVATE' })).toEqual({ control: 'private, max-age=60', ttl: [] })
  })
})

describe('whose answer it is', () => {
  const variants: [string, Charged][] = [
    ['another user', charged(ME, user('u-2'))],
    ['another tenant', charged(ME, user('u-1', { tenant: 'globex' }))],
    ['the same name in another tenant', charged(ME, { ...user('u-1'), tenant: 'globex' })],
    ['other scopes', charged(ME, user('u-1', { scopeKey: 'admin', scopes: new Set(['admin']) }))],
    ['other roles', charged(ME, user('u-1', { roles: ['staff'] }))],
    ['another plan', charged(ME, user('u-1', { plan: 'pro' }))],
    ['a machine', charged(ME, user('u-1', { kind: 'machine', key: 'key:1' }))],
    ['nobody', charged(ME, anonymous)],
    ['a pruned document', charged(ME, user('u-1'), { permitted: charged('{ me { id } }').operation })],
    [
      'another operation under one permitted document',
      charged('query A { me { name } }', user('u-1'), { permitted: charged(ME).operation }),
    ],
    ['other variables', charged(ME, user('u-1'), { variables: { id: '2' } })],
  ]

  it.each(variants)('a private answer is not found by %s', (_, context) => {
    const bench = new CacheBench()
    const owner = charged(ME, user('u-1'))
    bench.ask(owner, body('owner'))
    expect(controlOf(owner)).toBe('private, max-age=30')
    expect(bench.ask(context, body('other'))).toContain('other')
    expect(statusOf(context)).not.toBe('HIT')
    const again = charged(ME, user('u-1'))
    expect(bench.ask(again, body('x'))).toContain('owner')
    expect(controlOf(again)).toBe('private, max-age=30')
  })

  it('a public answer never crosses tenants, graphs or variables', () => {
    const bench = new CacheBench()
    bench.ask(charged(PRODUCT, anonymous, { variables: { a: 1, b: { c: 1, d: [1] } } }), body('one'))
    const probe = (more: Partial<Charged>, principal: Principal = anonymous): string =>
      bench.ask(charged(PRODUCT, principal, more), body('probe'))
    expect(probe({ variables: { b: { d: [1], c: 1 }, a: 1 } })).toContain('one')
    expect(probe({ variables: { a: 1, b: { c: 1, d: [2] } } })).toContain('probe')
    expect(probe({ variables: { a: '1', b: { c: 1, d: [1] } } })).toContain('probe')
    expect(probe({ variables: { a: 1, b: { c: 1, d: [1] } } }, { ...anonymous, tenant: 'globex' })).toContain(
      'probe',
    )
    const otherGraph = new CacheBench({}, undefined, { store: bench.store, id: 'graph-2' })
    expect(
      otherGraph.ask(charged(PRODUCT, anonymous, { variables: { a: 1, b: { c: 1, d: [1] } } }), body('new')),
    ).toContain('new')
  })

  it('names that try to run into each other stay apart', () => {
    const bench = new CacheBench()
    bench.ask(charged(ME, user('x', { key: 'a","b', scopeKey: 'c' })), body('one'))
    expect(bench.ask(charged(ME, user('x', { key: 'a', scopeKey: 'b","c' })), body('two'))).toContain('two')
    expect(
      bench.ask(charged(ME, user('x', { key: 'a', scopeKey: 'b', roles: ['c'] })), body('three')),
    ).toContain('three')
  })
})

describe('a poisoned store', () => {
  const poisons: [string, (bytes: Buffer) => Buffer][] = [
    ['nothing', () => Buffer.alloc(0)],
    ['text', () => Buffer.from('{"data":{"thing":{"name":"evil"}}}')],
    [
      'one changed character',
      (bytes) => Buffer.from(bytes.toString('latin1').replace('one', 'two'), 'latin1'),
    ],
    ['a cut end', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['an added end', (bytes) => Buffer.concat([bytes, Buffer.from(' ')])],
    ['a head alone', (bytes) => bytes.subarray(0, 22)],
    ['a longer life', (bytes) => withByte(bytes, 14, 0x0f)],
    ['another version', (bytes) => withByte(bytes, 4, 99)],
    ['another scope', (bytes) => withByte(bytes, 5, 1)],
    ['noise', () => Buffer.alloc(5000, 0xa7)],
  ]

  function withByte(bytes: Buffer, at: number, value: number): Buffer {
    const copy = Buffer.from(bytes)
    copy.writeUInt8(value, at)
    return copy
  }

  it.each(poisons)('with %s is a MISS and heals', (_, poison) => {
    const bench = new CacheBench()
    bench.ask(charged(PRODUCT), body('one'))
    for (const entry of bench.entries.values()) entry.bytes = poison(entry.bytes)
    const context = charged(PRODUCT)
    expect(bench.ask(context, body('fresh'))).toContain('fresh')
    expect(statusOf(context)).toBe('MISS')
    expect(bench.ask(charged(PRODUCT), body('x'))).toContain('fresh')
  })

  it('with entries under each other’s keys gives nobody the wrong one', () => {
    const bench = new CacheBench()
    bench.ask(charged(ME, user('u-1')), body('one'))
    bench.ask(charged(ME, user('u-2')), body('two'))
    const [a, b] = [...bench.entries.values()]
    if (a === undefined || b === undefined) throw new Error('two entries expected')
    ;[a.bytes, b.bytes] = [b.bytes, a.bytes]
    const context = charged(ME, user('u-1'))
    expect(bench.ask(context, body('fresh'))).toContain('fresh')
    expect(statusOf(context)).toBe('MISS')
  })

  it('that gives copies of the bytes is read all the same', () => {
    const bench = new CacheBench()
    bench.ask(charged(PRODUCT), body('Grüße 🌍'))
    for (const entry of bench.entries.values()) entry.bytes = Buffer.from(entry.bytes)
    expect(bench.ask(charged(PRODUCT), body('x'))).toContain('Grüße 🌍')
  })
})
