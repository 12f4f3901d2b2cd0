import { LRUCache } from 'lru-cache'

/** What may be taken by entries that were never asked for again. */
const FRESH_SHARE = 1 / 8

export interface ProvenCacheOptions<Value> {
  /** Left out where bytes alone decide. */
  readonly maxEntries?: number
  readonly maxBytes: number
  readonly bytesOf: (value: Value, key: string) => number
}

/**
 * A cache in two parts: an entry gets into the large one when it is asked for a second time.
 *
 * A flood of never-repeated operations then passes through the small part: it neither takes all of the memory that
 * the cache may have, nor pushes out what everybody uses.
 */
export class ProvenCache<Value extends object> {
  readonly #fresh: LRUCache<string, Value>
  readonly #proven: LRUCache<string, Value>
  readonly #bytesOf: (value: Value, key: string) => number

  constructor({ maxEntries, maxBytes, bytesOf }: ProvenCacheOptions<Value>) {
    this.#bytesOf = bytesOf
    const part = (share: number) =>
      new LRUCache<string, Value>({
        ...(maxEntries === undefined ? {} : { max: Math.ceil(maxEntries * share) }),
        maxSize: Math.ceil(maxBytes * share),
        sizeCalculation: bytesOf,
      })
    this.#fresh = part(FRESH_SHARE)
    this.#proven = part(1 - FRESH_SHARE)
  }

  get(key: string): Value | undefined {
    return this.#proven.get(key) ?? this.#prove(key)
  }

  /** Adds what was not found. What is too large for the small part gets into the large one at once. */
  add(key: string, value: Value): void {
    const isSmall = this.#bytesOf(value, key) <= this.#fresh.maxSize
    if (isSmall) this.#fresh.set(key, value)
    else this.#proven.set(key, value)
  }

  *values(): Generator<Value> {
    yield* this.#proven.values()
    yield* this.#fresh.values()
  }

  #prove(key: string): Value | undefined {
    const value = this.#fresh.get(key)
    if (value === undefined) return undefined
    this.#fresh.delete(key)
    this.#proven.set(key, value)
    return value
  }
}
