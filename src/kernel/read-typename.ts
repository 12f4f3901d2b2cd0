import type { DataLayout, RawObject } from './fetch-outcome.js'
import { compileRead, entityAt } from './read-field.js'

/** Reads the name of an object's type, if a subgraph gave one. */
export type ReadTypename = (object: RawObject) => string | undefined

/**
 * Compiles the reading of `__typename` at one position.
 *
 * A subgraph that holds an interface as one object (`@interfaceObject`) answers with the interface's name: whoever
 * names an object type knows better.
 */
export function compileReadTypename(
  layout: DataLayout,
  isObjectType: (name: string) => boolean,
): ReadTypename {
  const key = '__typename'
  const slots = layout.slotsOf(key)
  if (slots.length === 0) {
    const read = compileRead(key, layout)
    return (object) => textOf(read(object))
  }
  return (object) => {
    const own = textOf(object[key])
    let best = own
    for (const slot of slots) {
      const name = textOf(entityAt(object, slot)?.[key])
      if (name === undefined) continue
      if (isObjectType(name)) return name
      best ??= name
    }
    return best
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
