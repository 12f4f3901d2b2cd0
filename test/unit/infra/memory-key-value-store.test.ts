import { describe, expect, it } from '@jest/globals'
import { createKeyValueStore } from '../../../src/infra/key-value-store.js'
import { createMemoryKeyValueStore } from '../../../src/infra/memory-key-value-store.js'
import { infraOptions } from '../../../src/infra/options.js'

describe('the key-value store in this process', () => {
  it('answers on the spot, and only for the time asked', () => {
    let nowMs = 1_000_000
    const store = createKeyValueStore(undefined, infraOptions.parse({}), { now: () => nowMs })
    const bytes = Buffer.from('bytes')
    store.set('key', bytes, 10)
    nowMs += 9_999
    expect(store.get('key')).toBe(bytes)
    nowMs += 2
    expect(store.get('key')).toBeUndefined()
  })

  it('keeps nothing that is over at once', () => {
    const store = createMemoryKeyValueStore(100_000, { now: () => 1 })
    store.set('zero', Buffer.from('x'), 0)
    store.set('past', Buffer.from('x'), -5)
    expect([store.get('zero'), store.get('past')]).toEqual([undefined, undefined])
  })

  it('drops the least recently used over its bytes, and refuses a giant', () => {
    const store = createMemoryKeyValueStore(100_000, { now: () => 1 })
    store.set('giant', Buffer.alloc(50_000), 60)
    expect(store.get('giant')).toBeUndefined()

    for (let index = 0; index < 20; index += 1) {
      store.set(`key-${index}`, Buffer.alloc(10_000), 60)
      void store.get('key-0')
    }
    expect(store.get('key-0')).toBeDefined()
    expect(store.get('key-1')).toBeUndefined()
    expect(store.get('key-19')).toBeDefined()
  })

  it('is off when it may keep nothing', () => {
    const store = createMemoryKeyValueStore(0, { now: () => 1 })
    store.set('key', Buffer.from('x'), 60)
    expect(store.get('key')).toBeUndefined()
  })
})
