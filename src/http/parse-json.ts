import { isUtf8 } from 'node:buffer'
import { GatewayError } from '../kernel/gateway-error.js'
import { isRecord } from '../kernel/is-record.js'
import type { Json, JsonObject } from '../kernel/json.js'

/**
 * Parses JSON from outside; raises BAD_REQUEST without repeating any of it.
 *
 * `JSON.parse` makes `__proto__` a plain own property, which does no harm as long as nobody copies the object
 * by assignment. Bytes that are not UTF-8 are refused rather than replaced.
 */
export function parseJson(text: string | Buffer, what: string): Json {
  if (typeof text !== 'string' && !isUtf8(text)) {
    throw new GatewayError('BAD_REQUEST', `${what} is not valid UTF-8.`)
  }
  try {
    return JSON.parse(typeof text === 'string' ? text : text.toString('utf8')) as Json
  } catch (cause) {
    throw new GatewayError('BAD_REQUEST', `${what} is not valid JSON.`, { cause })
  }
}

/** Parses a JSON object from outside; raises BAD_REQUEST where it is none. */
export function parseJsonObject(text: string | Buffer, what: string): JsonObject {
  const parsed = parseJson(text, what)
  if (!isRecord(parsed)) throw new GatewayError('BAD_REQUEST', `${what} must be a JSON object.`)
  return parsed
}

/**
 * Refuses JSON that is nested deeper than the limit: whoever walks it later may do so by recursion.
 *
 * Walks without recursion itself, and copies as little as it can: this runs before anybody is known or limited.
 */
export function assertShallow(value: Json | undefined, depthLimit: number, what: string): void {
  let level: Container[] = []
  collectContainer(value, level)
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= depthLimit) throw new GatewayError('BAD_REQUEST', `${what} is nested too deeply.`)
    level = containersIn(level)
  }
}

type Container = JsonObject | readonly Json[]

/** The lists and objects one level below. */
function containersIn(level: readonly Container[]): Container[] {
  const below: Container[] = []
  for (const container of level) {
    if (isList(container)) for (const item of container) collectContainer(item, below)
    else for (const key in container) collectContainer(container[key], below)
  }
  return below
}

function collectContainer(value: Json | undefined, into: Container[]): void {
  if (typeof value === 'object' && value !== null) into.push(value)
}

function isList(container: Container): container is readonly Json[] {
  return Array.isArray(container)
}
