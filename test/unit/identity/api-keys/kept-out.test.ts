import { describe, expect, it } from '@jest/globals'
import { createKeyHashing } from '../../../../src/identity/api-keys/key-hashing.js'
import { inventKeyId, inventSecret, writeKeyText } from '../../../../src/identity/api-keys/key-text.js'
import { GatewayError } from '../../../../src/kernel/gateway-error.js'
import { SILENT_LOGGER } from '../../../../src/kernel/ports/logger.js'
import { refusalOf } from '../identity-world.js'
import { createKeyWorld, PEPPER } from './key-world.js'

/** A world with one address, which is kept out when the test says so. */
function createWorld() {
  const state = { isKeptOut: false }
  const assertOpen = () => {
    if (state.isKeptOut) throw new GatewayError('REQUEST_RATE_LIMITED', 'Too many credentials.')
  }
  const refuse = async (_arrival: unknown, failure: unknown): Promise<never> => {
    assertOpen()
    throw failure
  }
  return { ...createKeyWorld({ cacheSeconds: 60 }, SILENT_LOGGER, { assertOpen, refuse }), state }
}

function sealedText(): string {
  const unsealed = { id: inventKeyId(), secret: inventSecret() }
  return writeKeyText({ ...unsealed, seal: createKeyHashing(PEPPER).seal(unsealed) })
}

describe('from an address with too many invalid credentials', () => {
  it('a key that is not remembered is refused without a question to the store', async () => {
    const { identify, create, store, state } = createWorld()
    const { text } = await create()
    expect((await refusalOf(identify(sealedText()))).code).toBe('UNAUTHENTICATED')
    const asked = store.lookups.length
    state.isKeptOut = true
    for (const unknown of [sealedText(), text, 'no key at all'])
      expect((await refusalOf(identify(unknown))).code).toBe('REQUEST_RATE_LIMITED')
    expect(store.lookups).toHaveLength(asked)

    state.isKeptOut = false
    expect((await identify(text)).principal.kind).toBe('machine')
  })

  it('a key that is remembered passes, also when it has to be read again', async () => {
    const { identify, create, clock, state } = createWorld()
    const { text, id } = await create()
    await identify(text)
    state.isKeptOut = true
    expect((await identify(text)).principal.key).toBe(`key:${id}`)
    clock.ms += 61_000
    expect((await identify(text)).principal.key).toBe(`key:${id}`)
    // Its id alone does not.
    const guessed = text.slice(0, 17) + sealedText().slice(17)
    expect((await refusalOf(identify(guessed))).code).toBe('REQUEST_RATE_LIMITED')
  })

  it('a key that was revoked meanwhile does not', async () => {
    const { identify, identity, create, register, state } = createWorld()
    const { text, id } = await create()
    await identity.start()
    await identify(text)
    state.isKeptOut = true
    await register.revoke(id)
    await identity.stop()
    await identity.start()
    expect((await refusalOf(identify(text))).code).toBe('REQUEST_RATE_LIMITED')
    await identity.stop()
  })
})
