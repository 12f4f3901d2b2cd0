/** What JSON can hold, as `JSON.parse` returns it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

/** An object of untrusted origin: read keys with care, never merge it into an object of ours. */
export interface JsonObject {
  readonly [key: string]: Json | undefined
}
