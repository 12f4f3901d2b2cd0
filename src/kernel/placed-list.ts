/** Something that knows its place in a {@link PlacedList}; it can stand in one at a time. */
export interface Placed {
  /** Kept by the list; -1 before it is in one. */
  place: number
}

/**
 * What is under way at the moment, in no order: entering and leaving costs the same however much there is.
 *
 * In place of a `Set`. V8 replaces a set's table over and over while members come and go, and links each outworn
 * table to the next. Once one of them is old, its successors stay until the next full collection with whoever was a
 * member: 7 kB per request in flight, and scavenges of 20 ms in place of 1 (measured on Node 20).
 */
export class PlacedList<Item extends Placed> {
  readonly #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  /** As they are now: who leaves meanwhile is still visited. */
  [Symbol.iterator](): IterableIterator<Item> {
    return this.#items.slice().values()
  }

  add(item: Item): void {
    item.place = this.#items.push(item) - 1
  }

  /** Takes the last one's place for the one that goes, so that nothing has to move up; says whether it was there. */
  remove(item: Item): boolean {
    if (this.#items[item.place] !== item) return false
    const last = this.#items.pop()
    if (last !== undefined && last !== item) {
      this.#items[item.place] = last
      last.place = item.place
    }
    item.place = -1
    return true
  }
}
