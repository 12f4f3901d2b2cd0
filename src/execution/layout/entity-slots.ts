import type { RawObject } from '../../kernel/fetch-outcome.js'

/**
 * The symbols under which entities hang on the objects that stand for them.
 *
 * They are few and used by all plans alike: every new one would be a new hidden class for the objects of a shape.
 */
const SLOTS: symbol[] = []

/** An object as far as entities hang on it. */
type Hook = RawObject & {
  [slot: symbol]: RawObject | undefined
}

/** The slot of a plan's nth delivery of entities. */
export function slotOf(ordinal: number): symbol {
  for (let next = SLOTS.length; next <= ordinal; next += 1) SLOTS.push(Symbol(`entity ${next}`))
  return SLOTS[ordinal] as symbol
}

/** Hangs an entity on an object that stands for it. */
export function hangEntity(object: RawObject, slot: symbol, entity: RawObject): void {
  const hook = object as Hook
  hook[slot] = entity
}
