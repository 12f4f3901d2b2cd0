import { UsageSums } from '../kernel/usage-sums.js'
import { UNNAMED, type UsageRow } from '../kernel/usage.js'
import type { CalendarDay } from './calendar.js'
import { UsageAccount } from './usage-account.js'

/** Longer names are counted as `(other)`: what is kept has to fit into an index. */
const MAX_NAME_CHARACTERS = 128

export interface TallyBounds {
  /** Names that are kept apart for one caller and day. */
  readonly maxOperations: number
  /** Accounts of one day, all in all. */
  readonly maxRows: number
}

type Operations = Map<string, UsageAccount>
type Callers = Map<string, Operations>
type Tenants = Map<string, Callers>

/**
 * Counts in memory, per day, tenant, caller and operation, until somebody takes the counts away.
 *
 * A request pays three look-ups and a few additions. Clients choose the names of operations, so that only so many
 * are kept apart: those of one caller cannot push out those of another.
 */
export class Tally {
  readonly #today: () => CalendarDay
  readonly #bounds: TallyBounds
  readonly #days = new Map<string, Tenants>()
  #day = ''
  #tenants: Tenants = new Map()
  #accounts = 0
  /** Accounts with counts that nobody has taken yet. */
  #changed: UsageAccount[] = []
  readonly #onChange = (account: UsageAccount): void => void this.#changed.push(account)

  constructor(today: () => CalendarDay, bounds: TallyBounds) {
    this.#today = today
    this.#bounds = bounds
  }

  /** How many rows wait to be taken. */
  get waiting(): number {
    return this.#changed.length
  }

  /** Where to count for this caller's operation today. */
  accountOf(tenant: string, caller: string, operation: string): UsageAccount {
    const { name } = this.#today()
    if (name !== this.#day) this.#turnTo(name)
    return this.#tenants.get(tenant)?.get(caller)?.get(operation) ?? this.#open(tenant, caller, operation)
  }

  /** Takes counts away, as at most so many rows with each key once, in the order of their keys. */
  take(maxRows: number): readonly UsageRow[] {
    const taken = this.#changed.splice(0, maxRows)
    if (this.#changed.length === 0) this.#forgetOtherDays()
    // Bytes that came late may have made an account beside that of its day.
    return new UsageSums(taken.map((account) => account.take())).sorted()
  }

  #turnTo(day: string): void {
    this.#day = day
    this.#tenants = place(this.#days, day, () => new Map<string, Callers>())
  }

  /** Those who still hold an account of a day that is over go on counting in it. */
  #forgetOtherDays(): void {
    const { name } = this.#today()
    if (name !== this.#day) this.#turnTo(name)
    if (this.#days.size === 1) return
    for (const day of this.#days.keys()) if (day !== name) this.#days.delete(day)
    this.#accounts = 0
    for (const callers of this.#tenants.values()) {
      for (const operations of callers.values()) this.#accounts += operations.size
    }
  }

  #open(tenant: string, caller: string, operation: string): UsageAccount {
    const isFull = this.#accounts >= this.#bounds.maxRows
    const keptIn = (names: ReadonlyMap<string, unknown>, name: string) =>
      isFull && !names.has(name) ? UNNAMED.other : flat(name)
    const keptTenant = keptIn(this.#tenants, tenant)
    const callers = place(this.#tenants, keptTenant, () => new Map<string, Operations>())
    const keptCaller = keptIn(callers, caller)
    const operations = place(callers, keptCaller, () => new Map<string, UsageAccount>())
    const isOther =
      isFull || operations.size >= this.#bounds.maxOperations || operation.length > MAX_NAME_CHARACTERS
    const keptOperation = isOther ? UNNAMED.other : flat(operation)
    return place(operations, keptOperation, () => {
      this.#accounts += 1
      const key = { day: this.#day, tenant: keptTenant, caller: keptCaller, operation: keptOperation }
      return new UsageAccount(key, this.#onChange)
    })
  }
}

function place<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}

/** A copy: the name of an operation may be a part of its text in memory, which would be kept with it. */
function flat(name: string): string {
  return Buffer.from(name).toString()
}
