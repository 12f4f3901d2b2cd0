import { LRUCache } from 'lru-cache'

/**
 * Remembers what was made of one operation for combinations of its conditions: the ones in use, since n conditions have
 * 2^n of them.
 *
 * Most operations have no conditions; what is made of them is at hand without a lookup.
 */
export class Combinations<Made extends object> {
  readonly #most: number
  #only: Made | undefined
  #others: LRUCache<string, Made> | undefined

  constructor(most: number) {
    this.#most = most
  }

  /** What there is for a `conditionKey`, or else what `make` makes; where that raises, nothing is remembered. */
  get(key: string, make: () => Made): Made {
    if (key === '') return (this.#only ??= make())
    const others = (this.#others ??= new LRUCache({ max: this.#most }))
    const before = others.get(key)
    if (before !== undefined) return before
    const made = make()
    others.set(key, made)
    return made
  }
}
