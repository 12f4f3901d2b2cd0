import { describe, expect, it } from '@jest/globals'
import { createKeyHashing } from '../../../../src/identity/api-keys/key-hashing.js'
import { inventKeyId, inventSecret, writeKeyText } from '../../../../src/identity/api-keys/key-text.js'
import { isPromise } from '../../../../src/kernel/stage.js'
import { createKeepingLogger } from '../../../support/small-server.js'
import { createReceived, NOW_SECONDS, refusalOf } from '../identity-world.js'
import { createKeyWorld, PEPPER } from './key-world.js'

/** A text that is well formed and sealed, of a key that is in no store. */
function sealedText(): string {
  const unsealed = { id: inventKeyId(), secret: inventSecret() }
  return writeKeyText({ ...unsealed, seal: createKeyHashing(PEPPER).seal(unsealed) })
}

const unsealedText = () => writeKeyText({ id: inventKeyId(), secret: inventSecret(), seal: '00000000' })

describe('a good key', () => {
  it('makes a machine with the scopes, plan and tenant of the key', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create({ scopes: ['b', 'a', 'b'], livesSeconds: 60 })

    const { principal } = await world.identify(text)

    expect(principal).toEqual({
      kind: 'machine',
      key: `key:${id}`,
      tenant: 'acme',
      plan: 'pro',
      scopes: new Set(['a', 'b']),
      scopeKey: 'a b',
      roles: [],
      apiKey: { id, name: 'test' },
      expiresAtSeconds: NOW_SECONDS + 60,
    })
  })

  it('is then known without waiting, with the same principal', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    const first = await world.identify(text)

    const again = world.identity.stage.run(createReceived({ apiKey: text }))

    if (isPromise(again)) throw new Error('had to wait')
    expect(again.principal).toBe(first.principal)
    expect(world.store.lookups).toEqual([id])
  })

  it('has no end where none was given', async () => {
    const world = createKeyWorld()
    const { principal } = await world.identify((await world.create()).text)
    expect(principal).not.toHaveProperty('expiresAtSeconds')
  })
})

describe('a bad key', () => {
  it('is refused with the same answer whatever is wrong with it', async () => {
    const world = createKeyWorld()
    const [good, expired, revoked, rotated] = [
      await world.create(),
      await world.create({ livesSeconds: 1 }),
      await world.create(),
      await world.create(),
    ]
    await world.register.revoke(revoked.id)
    await world.register.rotate(rotated.id, 0)
    await world.identify(good.text)
    world.clock.ms += 1_000
    const bad = [
      ...['', 'ghk_key', `${good.text}A`, unsealedText(), sealedText(), sealedText()],
      ...[expired.text, revoked.text, rotated.text],
      // Another secret under the id of a key that is remembered.
      good.text.slice(0, 17) + sealedText().slice(17),
    ]

    const refusals = []
    for (const text of [...bad, ...bad]) refusals.push(await refusalOf(world.identify(text)))

    for (const refusal of refusals) {
      expect(refusal.code).toBe('UNAUTHENTICATED')
      expect(refusal.status).toBe(401)
      expect(refusal.message).toBe('The API key is not valid.')
      expect(refusal.headers).toEqual({ 'www-authenticate': 'Bearer realm="gatehouse"' })
      expect(refusal.extensions).toBeUndefined()
    }
  })

  it('is refused with another seal, though the key is remembered', async () => {
    const world = createKeyWorld()
    const { text } = await world.create()
    await world.identify(text)
    for (let place = 4; place < text.length; place++) {
      const other = text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1)
      expect((await refusalOf(world.identify(other))).code).toBe('UNAUTHENTICATED')
    }
  })

  it('is refused at the millisecond at which it expires, though it is remembered', async () => {
    const world = createKeyWorld()
    const { text } = await world.create({ livesSeconds: 60 })
    world.clock.ms += 59_999
    await world.identify(text)
    world.clock.ms += 1
    expect((await refusalOf(world.identify(text))).code).toBe('UNAUTHENTICATED')
  })

  it('costs the store nothing when it was invented, in whatever number', async () => {
    const world = createKeyWorld()
    for (let count = 0; count < 1_000; count++)
      expect((await refusalOf(world.identify(unsealedText()))).code).toBe('UNAUTHENTICATED')
    expect(world.store.lookups).toEqual([])
  })

  it('does not admit under the id of another key, even by a digest that was copied in the store', async () => {
    const world = createKeyWorld()
    const mine = await world.create()
    const theirs = await world.create({ scopes: ['admin'] })
    const own = await world.store.find(mine.id)
    await world.store.change(theirs.id, (key) => ({ ...key, secrets: own?.secrets ?? [] }))

    const mixed = theirs.text.slice(0, 17) + mine.text.slice(17)

    await world.identify(theirs.text).catch(() => undefined)
    expect((await refusalOf(world.identify(mixed))).code).toBe('UNAUTHENTICATED')
    expect((await refusalOf(world.identify(theirs.text))).code).toBe('UNAUTHENTICATED')
  })

  it('is refused when its digest was spoilt in the store', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    await world.store.change(id, (key) => ({ ...key, secrets: [{ digest: 'AAAA' }] }))
    expect((await refusalOf(world.identify(text))).code).toBe('UNAUTHENTICATED')
  })

  it('of another pepper is refused', async () => {
    const { text } = await createKeyWorld().create()
    const world = createKeyWorld({ pepper: `${PEPPER}!` })
    expect((await refusalOf(world.identify(text))).code).toBe('UNAUTHENTICATED')
  })

  it('leaves its id and the reason in the log, and not its secret', async () => {
    const { logger, lines } = createKeepingLogger()
    const world = createKeyWorld({}, logger)
    const { text, id } = await world.create()
    await world.register.revoke(id)
    await refusalOf(world.identify(text))
    expect(lines).toEqual([
      {
        facts: { requestId: 'request-1', keyId: id, reason: 'unknown or revoked' },
        message: 'API key refused',
      },
    ])
  })
})
