import { describe, expect, it } from '@jest/globals'
import { ProvenCache } from '../../../src/kernel/proven-cache.js'

interface Entry {
  readonly bytes: number
}

const createCache = (limits: { maxEntries?: number; maxBytes?: number } = {}) =>
  new ProvenCache<Entry>({ maxEntries: 800, maxBytes: 8_000, bytesOf: ({ bytes }) => bytes, ...limits })

describe('a cache whose entries have to prove themselves', () => {
  it('keeps what was asked for again, however much passes through', () => {
    const cache = createCache()
    const used = { bytes: 10 }
    cache.add('used', used)
    expect(cache.get('used')).toBe(used)
    for (let index = 0; index < 50_000; index += 1) cache.add(`once-${index}`, { bytes: 10 })
    expect(cache.get('used')).toBe(used)
    expect(cache.get('once-0')).toBeUndefined()
    expect(cache.get('once-49999')).toEqual({ bytes: 10 })
  })

  it('gives to what was asked for once an eighth of its bytes', () => {
    const cache = createCache()
    for (let index = 0; index < 50_000; index += 1) cache.add(`once-${index}`, { bytes: 10 })
    expect([...cache.values()]).toHaveLength(100)
  })

  it('is bounded by bytes where all is asked for again', () => {
    const cache = createCache()
    for (let index = 0; index < 5_000; index += 1) {
      cache.add(`${index}`, { bytes: 10 })
      cache.get(`${index}`)
    }
    expect([...cache.values()]).toHaveLength(700)
  })

  it('is bounded by entries', () => {
    const cache = createCache({ maxEntries: 8 })
    for (let index = 0; index < 50; index += 1) {
      cache.add(`${index}`, { bytes: 1 })
      if (index % 2 === 0) cache.get(`${index}`)
    }
    expect([...cache.values()]).toHaveLength(8)
  })

  it('takes what is larger than an eighth, but not what is larger than the rest', () => {
    const cache = createCache()
    cache.add('large', { bytes: 1_001 })
    cache.add('too large', { bytes: 7_001 })
    expect(cache.get('large')).toEqual({ bytes: 1_001 })
    expect(cache.get('too large')).toBeUndefined()
  })
})
