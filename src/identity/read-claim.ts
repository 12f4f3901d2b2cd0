import { isRecord } from '../kernel/is-record.js'

/** The claims of a token that was verified. */
export type Claims = Readonly<Record<string, unknown>>

/** Reads a claim by its whole name, and only where there is none of it as a path: `realm_access.roles`. */
export function readClaim(payload: Claims, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name]
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) => (isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      payload,
    )
}
