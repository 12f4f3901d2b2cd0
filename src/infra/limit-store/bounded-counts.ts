/** What a count costs beside its key: map slot, object, lists of a few pieces. A rough upper bound, in bytes. */
const COUNT_BYTES = 512

/**
 * Counts by key in a bounded piece of memory, in which those asked for last stay.
 *
 * Two generations: when the younger has filled its half, it becomes the older, and what was not asked for since the
 * last time goes. So dropping costs nothing per count, and a flood of new keys never takes one that is in use.
 */
export class BoundedCounts<Count> {
  readonly #maxBytes: number
  #young = new Map<string, Count>()
  #old = new Map<string, Count>()
  #youngBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: string): Count | undefined {
    const found = this.#young.get(key)
    if (found !== undefined) return found
    const kept = this.#old.get(key)
    if (kept === undefined) return undefined
    this.#old.delete(key)
    this.set(key, kept)
    return kept
  }

  set(key: string, count: Count): void {
    const bytes = key.length * 2 + COUNT_BYTES
    if (this.#youngBytes + bytes > this.#maxBytes / 2) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(key, count)
    this.#youngBytes += bytes
  }
}
