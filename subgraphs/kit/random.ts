/**
 * A small deterministic source of chance for the seeds (mulberry32).
 *
 * The same name always gives the same numbers, so that every start, replica and test sees the same shop.
 */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** One of `items`; the list must not be empty. */
  pick<T>(items: readonly T[]): T
  /** True in `share` (0 to 1) of the cases. */
  chance(share: number): boolean
}

/** Makes a source of chance that depends on `name` only. */
export function createRandom(name: string): Random {
  let state = hashText(name)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    between,
    pick: (items) => {
      const item = items[between(0, items.length - 1)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    chance: (share) => next() < share,
  }
}

/** A 32-bit number that stands for `text` (FNV-1a). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash >>> 0
}
