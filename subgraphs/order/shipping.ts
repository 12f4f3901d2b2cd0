import { fault } from '../kit/faults.js'
import { fromCents, toCents } from '../kit/money.js'
import type { Money } from '../kit/money.js'

/** What sending costs, in cents: `base` once, `perKilogram` for every kilogram begun. */
interface Rate {
  readonly base: bigint
  readonly perKilogram: bigint
  /** From this price on the shop pays. */
  readonly freeFrom?: bigint
}

const DOMESTIC: Rate = { base: 390n, perKilogram: 90n, freeFrom: 15_000n }
const NEIGHBOURS: Rate = { base: 690n, perKilogram: 180n, freeFrom: 30_000n }
const WORLD: Rate = { base: 1_490n, perKilogram: 650n }

const NEIGHBOUR_COUNTRIES: ReadonlySet<string> = new Set([
  ...['AT', 'BE', 'BG', 'CH', 'CY', 'CZ', 'DK', 'EE', 'ES', 'FI', 'FR', 'GB', 'GR', 'HR', 'HU', 'IE', 'IT'],
  ...['LT', 'LU', 'LV', 'MT', 'NL', 'NO', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'],
])

/** Checks the form of an ISO 3166-1 alpha-2 code. */
export function readCountry(country: string): string {
  if (/^[A-Z]{2}$/.test(country)) return country
  throw fault('BAD_USER_INPUT', '"country" is a code of two capital letters, such as "DE".')
}

/** What sending one piece of `weightGrams` and `price` to `country` costs. */
export function estimateShipping(weightGrams: number, price: Money, country: string): Money {
  const rate = rateOf(readCountry(country))
  if (rate.freeFrom !== undefined && toCents(price.amount) >= rate.freeFrom) {
    return { amount: fromCents(0n), currency: price.currency }
  }
  const kilograms = BigInt(Math.ceil(weightGrams / 1000))
  return { amount: fromCents(rate.base + rate.perKilogram * kilograms), currency: price.currency }
}

function rateOf(country: string): Rate {
  if (country === 'DE') return DOMESTIC
  return NEIGHBOUR_COUNTRIES.has(country) ? NEIGHBOURS : WORLD
}
