import { describe, expect, it } from '@jest/globals'
import { ApiKeyFault } from '../../../../src/identity/index.js'
import { refusalOf } from '../identity-world.js'
import { createKeyWorld } from './key-world.js'

describe('the register of keys', () => {
  it('stores a digest of the secret, and nothing that would admit', async () => {
    const { create, store } = createKeyWorld()
    const { text, id } = await create({ scopes: ['b', 'a', 'b'] })
    const stored = await store.find(id)
    expect(stored).toMatchObject({ id, name: 'test', tenant: 'acme', plan: 'pro', scopes: ['a', 'b'] })
    expect(stored?.secrets).toEqual([{ digest: expect.stringMatching(/^[\w-]{43}$/) }])
    expect(JSON.stringify(stored)).not.toContain(text.slice(17, 60))
  })

  it('lists keys with their state, without anything of their secrets', async () => {
    const { create, register, clock } = createKeyWorld()
    const [active, expired, revoked] = [
      await create(),
      await create({ livesSeconds: 5 }),
      await create({ livesSeconds: 5 }),
    ]
    await register.revoke(revoked.id)
    clock.ms += 5_000
    const keys = await register.list()
    expect(keys.map(({ id, state }) => [id, state])).toEqual([
      [active.id, 'active'],
      [expired.id, 'expired'],
      [revoked.id, 'revoked'],
    ])
    expect(JSON.stringify(keys)).not.toMatch(/digest|secret/)
  })

  it('revokes once: the first time stays', async () => {
    const { create, register, clock } = createKeyWorld()
    const { id } = await create()
    const first = await register.revoke(id)
    clock.ms += 1_000
    expect(await register.revoke(id)).toEqual(first)
  })

  it('knows no key of an id that it did not make', async () => {
    const { register } = createKeyWorld()
    for (const id of ['AAAAAAAAAAAA', '', "x' or '1'='1", '__proto__']) {
      expect(await register.revoke(id)).toBeUndefined()
      expect(await register.rotate(id, 0)).toBeUndefined()
    }
  })

  it.each([
    [{ name: '' }],
    [{ name: 'a\nb' }],
    [{ name: 'x'.repeat(257) }],
    [{ tenant: '' }],
    [{ tenant: 'a\0' }],
    [{ scopes: ['a b'] }],
    [{ scopes: ['a,b'] }],
    [{ scopes: ['a"b'] }],
    [{ scopes: [''] }],
    [{ scopes: ['é'] }],
  ])('makes no key for %j', async (wish) => {
    const { create, register } = createKeyWorld()
    await expect(create(wish)).rejects.toThrow(ApiKeyFault)
    expect(await register.list()).toEqual([])
  })
})

describe('rotation', () => {
  it('voids the old secret at once, unless there is a grace', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    const next = await world.register.rotate(id, 0)
    expect(next?.key).toMatchObject({ id, name: 'test', state: 'active' })
    expect(next?.text).not.toBe(text)
    expect((await refusalOf(world.identify(text))).code).toBe('UNAUTHENTICATED')
    expect((await world.identify(next?.text ?? '')).principal.key).toBe(`key:${id}`)
  })

  it('lets the old secret live on for the grace, with its end in the principal', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    const next = await world.register.rotate(id, 60)
    const old = await world.identify(text)
    expect(old.principal.expiresAtSeconds).toBe(world.clock.ms / 1_000 + 60)
    expect((await world.identify(next?.text ?? '')).principal).not.toHaveProperty('expiresAtSeconds')
    expect(old.principal.key).toBe(`key:${id}`)

    world.clock.ms += 60_000
    expect((await refusalOf(world.identify(text))).code).toBe('UNAUTHENTICATED')
    await world.identify(next?.text ?? '')
  })

  it('never prolongs what an earlier rotation has ended', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    await world.register.rotate(id, 10)
    await world.register.rotate(id, 1_000)
    world.clock.ms += 10_000
    expect((await refusalOf(world.identify(text))).code).toBe('UNAUTHENTICATED')
  })

  it('ends what earlier ones left alive when it is done without a grace', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    const second = await world.register.rotate(id, 1_000)
    await world.register.rotate(id, 0)
    for (const old of [text, second?.text ?? ''])
      expect((await refusalOf(world.identify(old))).code).toBe('UNAUTHENTICATED')
  })

  it('keeps few secrets, however often it is done', async () => {
    const world = createKeyWorld()
    const { id } = await world.create()
    for (let count = 0; count < 20; count++) await world.register.rotate(id, 1_000)
    expect((await world.store.find(id))?.secrets).toHaveLength(5)
  })

  it('gives a revoked or an expired key no new life', async () => {
    const world = createKeyWorld()
    const [revoked, expired] = [await world.create(), await world.create({ livesSeconds: 1 })]
    await world.register.revoke(revoked.id)
    world.clock.ms += 1_000
    await expect(world.register.rotate(revoked.id, 0)).rejects.toThrow(/is revoked/)
    await expect(world.register.rotate(expired.id, 0)).rejects.toThrow(/is expired/)
  })
})
