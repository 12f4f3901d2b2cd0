/** A seeded tenant: `acme` owns `u-1`, `globex` owns `g-u-1`. */
export interface SeedTenant {
  readonly id: string
  /** What stands before every id of this tenant. */
  readonly prefix: string
  /** The letter on invoices. */
  readonly letter: string
}

/** The two tenants of the reference graph (contract §7). */
export const TENANTS: readonly SeedTenant[] = [
  { id: 'acme', prefix: '', letter: 'A' },
  { id: 'globex', prefix: 'g-', letter: 'G' },
]

/** How much is seeded for each tenant. */
export const SEED_COUNTS = { users: 240, products: 600, orders: 3200 } as const

/** The day on which the seeded shop lives: fixed, so that seeds never differ between two starts. */
export const SEED_DAY = Date.UTC(2026, 2, 1, 12)

/** What stands before the ids of `tenantId`; other tenants than the seeded ones get their own name. */
export function idPrefix(tenantId: string): string {
  return TENANTS.find((tenant) => tenant.id === tenantId)?.prefix ?? `${tenantId}-`
}
