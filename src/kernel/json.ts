/** What JSON can hold, as `JSON.parse` returns it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

/** An object of untrusted origin: read keys with care, never merge it into an object of ours. */
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** What stands under a key of the object itself, and not of what all objects have. */
export function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
