import type { DataLayout, RawObject } from './fetch-outcome.js'

/** Reads one response key of the objects at one position: from the entities that hang on them, or from themselves. */
export type ReadField = (object: RawObject) => unknown

/** The layout of data of which every field stands where it belongs. */
export const PLAIN_LAYOUT: DataLayout = {
  slotsOf: () => [],
  decidedBy: () => undefined,
  below: () => PLAIN_LAYOUT,
}

/** Compiles the reading of a key. Aliases may be called `__proto__` or `constructor` (CVE-2026-32621). */
export function compileRead(key: string, layout: DataLayout): ReadField {
  const [slot, ...others] = layout.slotsOf(key)
  const own: ReadField = isBuiltIn(key) ? (object) => ownOf(object, key) : (object) => object[key]
  if (slot === undefined) return own
  const next = others.reduceRight((later, other) => readSlot(other, own, later), own)
  return readSlot(slot, own, next)
}

/** A null does not hide what another subgraph gave. */
function readSlot(slot: symbol, own: ReadField, next: ReadField): ReadField {
  return (object) => {
    const entity = entityAt(object, slot)
    const value = entity === undefined ? undefined : own(entity)
    if (value !== null) return value === undefined ? next(object) : value
    return next(object) ?? null
  }
}

/** True for names that every object answers to. */
function isBuiltIn(key: string): boolean {
  return key in Object.prototype
}

function ownOf(object: RawObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** The entity that hangs on an object under a slot, if one was delivered. */
export function entityAt(object: RawObject, slot: symbol): RawObject | undefined {
  return (object as RawObject & { readonly [slot: symbol]: RawObject | undefined })[slot]
}
