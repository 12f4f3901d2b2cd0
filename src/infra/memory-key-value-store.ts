import { LRUCache } from 'lru-cache'
import type { Clock } from '../kernel/ports/clock.js'
import type { KeyValueStore } from '../kernel/ports/key-value-store.js'

/** What an entry costs beside its key and value: map slot, list links, buffer header. A rough upper bound. */
const ENTRY_BYTES = 256
/** No single value may push out more than this part of the others. */
const LARGEST_PART = 8

/** A key-value store in this process, bounded in bytes; the least recently used values go first. */
export function createMemoryKeyValueStore(maxBytes: number, clock: Clock): KeyValueStore {
  if (maxBytes < ENTRY_BYTES) return { get: () => undefined, set: () => undefined }
  const entries = new LRUCache<string, Buffer>({
    maxSize: maxBytes,
    maxEntrySize: Math.ceil(maxBytes / LARGEST_PART),
    sizeCalculation: (value, key) => value.length + key.length * 2 + ENTRY_BYTES,
    perf: clock,
    // Otherwise the cache reads the clock only now and then, on a timer of its own.
    ttlResolution: 0,
  })
  return {
    get: (key) => entries.get(key),
    set: (key, value, ttlSeconds) => {
      const ttl = Math.floor(ttlSeconds * 1_000)
      if (ttl > 0) entries.set(key, value, { ttl })
    },
  }
}
