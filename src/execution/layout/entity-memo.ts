import type { RawObject } from '../../kernel/fetch-outcome.js'

/** One thing that is made of entities and kept on them, for the other places where they hang. */
export class EntityMemo<Value> {
  readonly #slot: symbol

  constructor(name: string) {
    this.#slot = Symbol(name)
  }

  /** Gives what `maker` has made of this entity before. */
  recall(entity: RawObject, maker: object): Value | undefined {
    const kept = (entity as Keeper<Value>)[this.#slot]
    return kept?.maker === maker ? kept.value : undefined
  }

  /** Keeps what `maker` made of this entity, in the place of what another one made. */
  keep(entity: RawObject, maker: object, value: Value): void {
    const keeper = entity as Keeper<Value>
    keeper[this.#slot] = { maker, value }
  }
}

type Keeper<Value> = RawObject & {
  [slot: symbol]: { readonly maker: object; readonly value: Value } | undefined
}
