import type { RawObject } from '../kernel/fetch-outcome.js'

/**
 * Reading and writing keys of untrusted origin.
 *
 * Aliases and subgraph data may be called `__proto__` or `constructor`. Read without an own-key check they
 * yield built-in objects, and merging into those changes them for the whole process (CVE-2026-32621).
 */

/** The value under an own key, or undefined. */
export function ownValue(object: RawObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** Sets an own property, whatever the key is called. */
export function setOwn(object: RawObject, key: string, value: unknown): void {
  // The one key for which plain assignment calls a setter instead of making a property.
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    object[key] = value
  }
}

/** `Array.isArray` that keeps the elements unknown. */
export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value)
}
