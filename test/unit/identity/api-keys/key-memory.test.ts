/** What is remembered of keys, for how long, and what happens while their store does not answer. */
import { describe, expect, it } from '@jest/globals'
import { createApiKeys } from '../../../../src/identity/api-keys/create-api-keys.js'
import { KeyMemory } from '../../../../src/identity/api-keys/key-memory.js'
import { apiKeysOptions } from '../../../../src/identity/api-keys/options.js'
import { createReceived, refusalOf } from '../identity-world.js'
import { createFakeStore } from './fake-store.js'
import { createKeyWorld, PEPPER } from './key-world.js'

const SECOND = 1_000

function createMemory(options: object = {}) {
  const store = createFakeStore()
  const clock = { ms: 0, now: () => clock.ms }
  const failures: unknown[] = []
  const memory = new KeyMemory(apiKeysOptions.parse(options), {
    store,
    clock,
    isAnswering: () => true,
    onFailure: (reason) => failures.push(reason),
  })
  const add = (id: string) =>
    store.add({
      id,
      name: id,
      tenant: 't',
      plan: 'free',
      scopes: [],
      createdAtMs: 0,
      secrets: [{ digest: '' }],
    })
  return { store, clock, memory, add, failures }
}

describe('a key that was read', () => {
  it('is used for five minutes, and then read again', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    await world.identify(text)
    world.clock.ms += 299 * SECOND
    await world.identify(text)
    expect(world.store.lookups).toEqual([id])
    world.clock.ms += 1 * SECOND
    await world.identify(text)
    expect(world.store.lookups).toEqual([id, id])
  })

  it('is read once for all who ask at the same time', async () => {
    const world = createKeyWorld()
    const { text, id } = await world.create()
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.identify(text)))
    expect(new Set(answers.map(({ principal }) => principal)).size).toBe(1)
    expect(world.store.lookups).toEqual([id])
  })

  it('takes no more than its place: the one that was used longest ago goes', async () => {
    const { memory, add, store } = createMemory({ maxRemembered: 2 })
    for (const id of ['a', 'b', 'c']) {
      await add(id)
      await memory.ask(id)
    }
    expect(['a', 'b', 'c'].map((id) => memory.recall(id) !== undefined)).toEqual([false, true, true])
    expect(store.lookups).toHaveLength(3)
  })
})

describe('a key that does not exist', () => {
  it('is asked for once in half a minute', async () => {
    const { memory, clock, store } = createMemory()
    expect(await memory.ask('a')).toBeUndefined()
    clock.ms += 29 * SECOND
    expect(memory.recall('a')).toBe('absent')
    clock.ms += 1 * SECOND
    expect(memory.recall('a')).toBeUndefined()
    expect(store.lookups).toEqual(['a'])
  })

  it('pushes none out that does, and its like are bounded', async () => {
    const { memory, add } = createMemory({ maxRemembered: 10 })
    await add('real')
    await memory.ask('real')
    for (let count = 0; count < 1_000; count++) await memory.ask(`invented-${count}`)
    expect(memory.recall('real')).toBeInstanceOf(Object)
    const remembered = Array.from({ length: 1_000 }, (_, count) => memory.recall(`invented-${count}`))
    expect(remembered.filter((answer) => answer === 'absent')).toHaveLength(10)
  })

  it('is found as soon as the store tells that it was made', async () => {
    const { memory, add } = createMemory()
    await memory.ask('a')
    await add('a')
    memory.forget(['a'])
    expect(memory.recall('a')).toBeUndefined()
    expect(await memory.ask('a')).toBeInstanceOf(Object)
  })
})

describe('a change', () => {
  it('drops what is remembered, and nothing else', async () => {
    const { memory, add } = createMemory()
    for (const id of ['a', 'b']) {
      await add(id)
      await memory.ask(id)
    }
    memory.forget(['a'])
    expect([memory.recall('a'), memory.recall('b')]).toEqual([undefined, expect.any(Object)])
    memory.forget('all')
    expect(memory.recall('b')).toBeUndefined()
  })

  it.each([['by its id', ['a']] as const, ['with all others', 'all'] as const])(
    'overtakes an answer that is on its way, %s: it is not remembered',
    async (_name, changed) => {
      const { memory, add, store } = createMemory()
      await add('a')
      const { release } = store.holdBack()
      const before = memory.ask('a')
      memory.forget(changed)
      const after = memory.ask('a')
      release()
      await Promise.all([before, after])
      // Asked twice: who came after the change does not get the answer of before it.
      expect(store.lookups).toEqual(['a', 'a'])
      expect(memory.recall('a')).toBeInstanceOf(Object)
    },
  )

  it('that overtakes an answer leaves nothing behind when nobody asks again', async () => {
    const { memory, add, store } = createMemory()
    await add('a')
    const { release } = store.holdBack()
    const before = memory.ask('a')
    memory.forget(['a'])
    release()
    await before
    expect(memory.recall('a')).toBeUndefined()
  })
})

describe('while the store does not answer', () => {
  async function createStoppedWorld() {
    const world = createKeyWorld()
    const known = await world.create()
    const unknown = await world.create()
    await world.identify(known.text)
    world.store.broken = true
    return { ...world, known, unknown }
  }

  it('keys that were read go on until their time and the stale time are over', async () => {
    const { identify, known, clock } = await createStoppedWorld()
    clock.ms += (300 + 299) * SECOND
    expect((await identify(known.text)).principal.kind).toBe('machine')
    clock.ms += 1 * SECOND
    const refusal = await refusalOf(identify(known.text))
    expect([refusal.code, refusal.status]).toEqual(['IDENTITY_UNAVAILABLE', 503])
  })

  it('others are told to come back, neither let in nor called wrong', async () => {
    const { identify, unknown } = await createStoppedWorld()
    const refusal = await refusalOf(identify(unknown.text))
    expect(refusal.code).toBe('IDENTITY_UNAVAILABLE')
    expect(refusal.headers).toEqual({ 'retry-after': '1' })
    expect(refusal.message).not.toContain('switched')
  })

  it('only the first one waits to find out; the invented are 401 as ever', async () => {
    const { identify, unknown, store } = await createStoppedWorld()
    const before = store.lookups.length
    for (let count = 0; count < 20; count++) {
      expect((await refusalOf(identify(unknown.text))).code).toBe('IDENTITY_UNAVAILABLE')
      expect((await refusalOf(identify(`${unknown.text.slice(0, -1)}!`))).code).toBe('UNAUTHENTICATED')
    }
    expect(store.lookups.length - before).toBe(1)
  })

  it('an expired key stays expired', async () => {
    const world = createKeyWorld()
    const { text } = await world.create({ livesSeconds: 400 })
    await world.identify(text)
    world.store.broken = true
    world.clock.ms += 400 * SECOND
    expect((await refusalOf(world.identify(text))).code).toBe('UNAUTHENTICATED')
  })

  it('a key that was revoked before is not believed again', async () => {
    const { memory, add, store } = createMemory()
    await add('a')
    await memory.ask('a')
    memory.forget(['a'])
    store.broken = true
    expect((await refusalOf(memory.ask('a'))).code).toBe('IDENTITY_UNAVAILABLE')
  })
})

it('without a store every key is refused', async () => {
  const ports = { clock: { now: () => 0 }, logger: console }
  const keys = createApiKeys(apiKeysOptions.parse({ pepper: PEPPER }), undefined, ports)
  expect(keys.health()).toEqual([])
  await keys.start()
  expect(() => keys.identify('ghk_', createReceived({}))).toThrow('The credential is not valid or of a kind')
  await keys.stop()
})
