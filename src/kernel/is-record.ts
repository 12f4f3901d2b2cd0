import type { RawObject } from './fetch-outcome.js'

/** Says whether what came as JSON is an object, not a list, null or leaf. */
export function isRecord(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
