import type { RuleCall } from './rule-gate.js'
import { PolicyError } from './policy-error.js'
import { isRule, type ShieldRule } from './rule-tree.js'

/** What a client reads where a rule says no without words, as a text or an error. */
export type FallbackError = string | Error

/** Makes it for a call; shield hands over what the rule threw, and here a rule that throws is a fault instead. */
export type MakeFallbackError = (thrown: null, ...call: FallbackCall) => unknown

type FallbackCall = [RuleCall['parent'], RuleCall['args'], RuleCall['context'], RuleCall['info']]

/** What of the second argument of `shield()` has a meaning here. */
export interface WrittenOptions {
  /** Decides about every field that has no rule. */
  readonly fallbackRule?: ShieldRule
  readonly fallbackError?: FallbackError | MakeFallbackError
}

const KNOWN = ['fallbackRule', 'fallbackError']

/** Reads the export `options` of a rule module; refuses what would silently mean nothing. */
export function readWrittenOptions(value: unknown, path: string): WrittenOptions {
  const refuse = (why: string): PolicyError => new PolicyError(`${path}: options${why}.`)
  if (typeof value !== 'object' || value === null) throw refuse(' is not an object')
  const unknown = Object.keys(value).find((name) => !KNOWN.includes(name))
  if (unknown !== undefined) throw refuse(`.${unknown} is not one of ${KNOWN.join(' and ')}`)
  const { fallbackRule, fallbackError } = value as Record<string, unknown>
  if (fallbackRule !== undefined && !isRule(fallbackRule)) throw refuse('.fallbackRule is not a rule')
  if (fallbackError !== undefined && !isFallbackError(fallbackError)) {
    throw refuse('.fallbackError is neither a text nor an error nor a function')
  }
  return {
    ...(fallbackRule === undefined ? {} : { fallbackRule }),
    ...(fallbackError === undefined ? {} : { fallbackError }),
  }
}

function isFallbackError(value: unknown): value is FallbackError | MakeFallbackError {
  return typeof value === 'string' || typeof value === 'function' || value instanceof Error
}
