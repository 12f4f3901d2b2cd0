/** An amount as SQL (`numeric`) and the wire hold it: exact decimal text. */
export interface Money {
  readonly amount: string
  readonly currency: string
}

/** The one currency of the reference shop. */
export const CURRENCY = 'EUR'

/** Reads decimal text with at most two places as whole cents. Floating point never touches money. */
export function toCents(amount: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,2})0*)?$/.exec(amount)
  if (match === null) throw new RangeError(`not an amount in cents: ${amount}`)
  const cents = BigInt(match[2] ?? '0') * 100n + BigInt((match[3] ?? '').padEnd(2, '0'))
  return match[1] === '-' ? -cents : cents
}

/** Writes whole cents as decimal text with two places. */
export function fromCents(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** What `quantity` pieces cost. */
export function multiply(unit: Money, quantity: number): Money {
  return { amount: fromCents(toCents(unit.amount) * BigInt(quantity)), currency: unit.currency }
}

/** The sum; nothing at all is 0.00. */
export function sum(parts: readonly Money[]): Money {
  const cents = parts.reduce((total, part) => total + toCents(part.amount), 0n)
  return { amount: fromCents(cents), currency: parts[0]?.currency ?? CURRENCY }
}
