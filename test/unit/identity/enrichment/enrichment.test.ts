import { describe, expect, it, jest } from '@jest/globals'
import { Enrichment } from '../../../../src/identity/enrichment/enrichment.js'
import type { EnrichPrincipal } from '../../../../src/identity/enrichment/load-enrichment.js'
import { enrichmentOptions } from '../../../../src/identity/enrichment/options.js'
import { SILENT_LOGGER, type Logger } from '../../../../src/kernel/ports/logger.js'
import type { Principal } from '../../../../src/kernel/principal.js'
import { refusalOf } from '../identity-world.js'

const createPrincipal = (more: Partial<Principal> = {}): Principal => ({
  kind: 'user',
  key: 'user:x:acme:u-1',
  userId: 'u-1',
  tenant: 'acme',
  plan: 'free',
  scopes: new Set(['a', 'b']),
  scopeKey: 'a b',
  roles: ['buyer', 'seller'],
  ...more,
})

function createWorld(enrich: EnrichPrincipal, options: object = {}) {
  const clock = { ms: 1_000_000, now: () => clock.ms }
  const logged: string[] = []
  const logger: Logger = { ...SILENT_LOGGER, error: (_facts, message) => void logged.push(message) }
  const asked = jest.fn(enrich)
  const enrichment = new Enrichment(enrichmentOptions.parse({ module: 'x.js', ...options }), {
    clock,
    logger,
  })
  enrichment.use(asked)
  return { enrichment, clock, logged, asked }
}

describe('facts about a caller', () => {
  it('are added to the principal', async () => {
    const { enrichment } = createWorld(() => ({ email: 'u1@example.org', profile: { segment: 'vip' } }))
    const principal = createPrincipal()

    expect(await enrichment.of(principal)).toEqual({
      ...principal,
      email: 'u1@example.org',
      profile: { segment: 'vip' },
    })
  })

  it('take scopes and roles away, and give none', async () => {
    const { enrichment } = createWorld(() => ({
      scopes: ['b', 'admin'],
      roles: ['admin', 'buyer'],
      email: 'x@y',
    }))

    expect(await enrichment.of(createPrincipal({ email: 'own@z' }))).toMatchObject({
      scopes: new Set(['b']),
      scopeKey: 'b',
      roles: ['buyer'],
      email: 'own@z',
    })
  })

  it('give them where the operator says that they may', async () => {
    const { enrichment } = createWorld(
      () => ({ scopes: ['b', 'admin', 'b'], roles: ['admin'], email: 'x@y' }),
      {
        mayWiden: true,
      },
    )

    expect(await enrichment.of(createPrincipal({ email: 'own@z' }))).toMatchObject({
      scopes: new Set(['b', 'admin']),
      scopeKey: 'admin b',
      roles: ['admin'],
      email: 'x@y',
    })
  })

  it('cannot be changed afterwards, nor can the module change the principal', async () => {
    const returned = { profile: { tags: ['a'] } }
    const { enrichment } = createWorld((principal) => {
      ;(principal.scopes as Set<string>).add('admin')
      ;(principal.roles as string[]).push('admin')
      return returned
    })
    const enriched = await enrichment.of(createPrincipal())
    returned.profile.tags.push('b')

    expect(enriched).toMatchObject({
      scopes: new Set(['a', 'b']),
      roles: ['buyer', 'seller'],
      profile: { tags: ['a'] },
    })
    expect(() => (enriched.profile?.['tags'] as string[]).push('c')).toThrow(TypeError)
  })
})

describe('the enriched principal', () => {
  it('is one object for all requests while it is remembered, and nobody waits', async () => {
    const { enrichment, clock, asked } = createWorld(() => ({ profile: { n: 1 } }))
    const principal = createPrincipal()
    const first = await enrichment.of(principal)
    clock.ms += 299_000

    expect(enrichment.of(principal)).toBe(first)
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('is one object for requests that come together, which share one look-up', async () => {
    const { enrichment, asked } = createWorld(() => ({ profile: {} }))
    const principal = createPrincipal()

    const made = await Promise.all([1, 2, 3].map(async () => enrichment.of(principal)))

    expect(new Set(made).size).toBe(1)
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('stays the same object after five minutes where the facts are equal, and is another where they are not', async () => {
    let n = 1
    const { enrichment, clock, asked } = createWorld(() => ({ profile: { n } }))
    const principal = createPrincipal()
    const first = await enrichment.of(principal)
    clock.ms += 301_000
    const second = await enrichment.of(principal)
    n = 2
    clock.ms += 301_000
    const third = await enrichment.of(principal)

    expect(asked).toHaveBeenCalledTimes(3)
    expect(second).toBe(first)
    expect(third.profile).toEqual({ n: 2 })
  })

  it('shares facts, not rights, with another token of the same user', async () => {
    const { enrichment, asked } = createWorld((principal) => ({ profile: { held: principal.scopeKey } }))
    const wide = await enrichment.of(createPrincipal())
    const equal = await enrichment.of(createPrincipal({ expiresAtSeconds: 5 }))
    const narrow = await enrichment.of(createPrincipal({ scopes: new Set(['a']), scopeKey: 'a' }))

    expect(asked).toHaveBeenCalledTimes(2)
    expect(equal).toMatchObject({ profile: { held: 'a b' }, expiresAtSeconds: 5 })
    expect(equal).not.toBe(wide)
    expect(narrow).toMatchObject({ profile: { held: 'a' }, scopeKey: 'a' })
  })

  it('is forgotten where there are too many', async () => {
    const { enrichment, asked } = createWorld(() => ({}), { maxRemembered: 2 })
    for (const name of ['1', '2', '3', '1']) await enrichment.of(createPrincipal({ key: name }))

    expect(asked).toHaveBeenCalledTimes(4)
  })
})

describe('a module that fails', () => {
  const FAILURES: readonly (readonly [string, EnrichPrincipal])[] = [
    ['throws', () => void fail()],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['returns a text', () => 'x' as never],
    ['returns a list', () => [] as never],
    ['returns scopes as a text', () => ({ scopes: 'a b' }) as never],
    ['returns a scope with a space', () => ({ scopes: ['a b'] })],
    ['returns roles that are no texts', () => ({ roles: [1] }) as never],
    ['returns an email with a line break', () => ({ email: 'a@b\r\nx-user-id: admin' })],
    ['returns a profile that is a list', () => ({ profile: [] }) as never],
    ['returns what is no JSON', () => ({ profile: { n: 1n } }) as never],
    ['returns too much', () => ({ profile: { text: 'x'.repeat(70_000) } })],
    ['never answers', () => new Promise<never>(() => undefined)],
  ]

  it.each(FAILURES)('because it %s lets the caller in as he is, and says so once', async (_name, enrich) => {
    const { enrichment, logged } = createWorld(enrich, { timeoutMs: 30 })
    const principal = createPrincipal()

    expect(await enrichment.of(principal)).toBe(principal)
    await enrichment.of(createPrincipal({ key: 'other' }))
    expect(logged).toEqual(['profile enrichment fails'])
    expect(enrichment.health()).toMatchObject({ state: 'degraded', required: false })
  })

  it.each(FAILURES)('because it %s refuses where the operator says so', async (_name, enrich) => {
    const { enrichment } = createWorld(enrich, { timeoutMs: 30, onFailure: 'refuse' })

    const refusal = await refusalOf(Promise.resolve().then(() => enrichment.of(createPrincipal())))

    expect([refusal.code, refusal.status]).toEqual(['IDENTITY_UNAVAILABLE', 503])
  })

  it('is told to stop when its time is over', async () => {
    let seen: AbortSignal | undefined
    const { enrichment } = createWorld(
      (_principal, signal) => {
        seen = signal
        return new Promise(() => undefined)
      },
      { timeoutMs: 20 },
    )
    await enrichment.of(createPrincipal())

    expect(seen?.aborted).toBe(true)
  })

  it('is left alone for five seconds, then asked again', async () => {
    let works = false
    const { enrichment, clock, asked } = createWorld(() => (works ? { profile: { ok: true } } : fail()))
    const principal = createPrincipal()
    await enrichment.of(principal)
    works = true
    clock.ms += 4_000
    expect(await enrichment.of(principal)).toBe(principal)
    clock.ms += 2_000

    expect((await enrichment.of(principal)).profile).toEqual({ ok: true })
    expect(asked).toHaveBeenCalledTimes(2)
    expect(enrichment.health().state).toBe('up')
  })

  it('does not give back what facts known before took away', async () => {
    let works = true
    const { enrichment, clock } = createWorld(() => (works ? { scopes: ['a'] } : fail()))
    const principal = createPrincipal()
    const narrowed = await enrichment.of(principal)
    works = false
    clock.ms += 301_000

    expect(await enrichment.of(principal)).toBe(narrowed)
  })
})

function fail(): never {
  throw new Error('down')
}
