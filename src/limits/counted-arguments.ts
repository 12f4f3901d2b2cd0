import { createHash } from 'node:crypto'
import type { FieldLimit } from './rate-limit-directive.js'
import { valueAt } from './value-at.js'

type Arguments = Readonly<Record<string, unknown>>

/** What the arguments of a call add to the key of its count; empty where the limit does not look at them. */
export function keyOfArguments({ keyArguments }: FieldLimit, args: Arguments): string {
  if (keyArguments === undefined) return ''
  const values = keyArguments.map((path) => valueAt(args, path) ?? null)
  // A hash, since clients choose the values: a store's key must be neither long nor readable.
  return `:${createHash('sha256').update(JSON.stringify(values)).digest('base64url').slice(0, 22)}`
}

/** How much a call counts: at least one. */
export function weightOfArguments({ weightBy }: FieldLimit, args: Arguments): number {
  if (weightBy === undefined) return 1
  const value = valueAt(args, weightBy)
  const weight = Array.isArray(value) ? value.length : value
  return typeof weight === 'number' && weight > 1 ? Math.min(Math.ceil(weight), Number.MAX_SAFE_INTEGER) : 1
}
