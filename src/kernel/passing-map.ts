/**
 * What is being made at the moment, by its key, for others to join.
 *
 * A `Map` whose values come and go would keep them until the next full collection, for the reason told in
 * placed-list.ts. Here they stand in holders, which are emptied when they leave.
 */
export class PassingMap<Value extends object> {
  readonly #holders = new Map<string, Holder<Value>>()

  get(key: string): Value | undefined {
    return this.#holders.get(key)?.value
  }

  /** Puts it in, in place of what was there. */
  set(key: string, value: Value): void {
    this.delete(key)
    this.#holders.set(key, { value })
  }

  delete(key: string): void {
    const holder = this.#holders.get(key)
    if (holder === undefined) return
    holder.value = undefined
    this.#holders.delete(key)
  }
}

interface Holder<Value> {
  value: Value | undefined
}
