import { CATEGORIES, SERIES } from './catalogue-words.js'
import { CURRENCY, fromCents } from './money.js'
import { createRandom } from './random.js'
import { SEED_COUNTS } from './tenants.js'
import type { SeedTenant } from './tenants.js'

/** A product as the seeds know it: the product subgraph tells its story, the order subgraph its price. */
export interface SeedProduct {
  readonly id: string
  readonly seq: number
  readonly sku: string
  readonly name: string
  readonly description: string
  readonly amount: string
  readonly currency: string
  readonly weightGrams: number
  readonly inStock: boolean
  readonly rating: string | null
  readonly categoryId: string
}

export interface SeedCategory {
  readonly id: string
  readonly seq: number
  readonly name: string
  readonly description: string
}

export function seedCategories(tenant: SeedTenant): readonly SeedCategory[] {
  return CATEGORIES.map(({ name, description }, index) => ({
    id: `${tenant.prefix}c-${index + 1}`,
    seq: index + 1,
    name,
    description,
  }))
}

/**
 * All products of a tenant, the same at every call.
 *
 * Product n is of category n modulo the number of categories, so that the first page shows a bit of everything.
 */
export function seedProducts(tenant: SeedTenant): readonly SeedProduct[] {
  const taken = new Set<string>()
  return Array.from({ length: SEED_COUNTS.products }, (_, index) => seedProduct(tenant, index + 1, taken))
}

function seedProduct(tenant: SeedTenant, seq: number, taken: Set<string>): SeedProduct {
  const random = createRandom(`product ${tenant.id} ${seq}`)
  const index = (seq - 1) % CATEGORIES.length
  const category = CATEGORIES[index]
  if (category === undefined) throw new RangeError('no categories')
  const [thing, euros, toEuros, grams, varieties] = random.pick(category.things)
  const name = uniqueName(`${random.pick(varieties.split(', '))} ${thing}`, seq, taken)
  const cents = random.between(euros, toEuros) * 100 + random.pick([0, 50, 90, 95, 99])
  return {
    id: `${tenant.prefix}p-${seq}`,
    seq,
    sku: `${tenant.letter}-${category.code}-${String(seq).padStart(4, '0')}`,
    name,
    description: `${name}. ${random.pick(category.sentences)} From our ${category.name.toLowerCase()} range.`,
    amount: fromCents(BigInt(cents)),
    currency: CURRENCY,
    weightGrams: Math.round(grams * (0.85 + random.between(0, 30) / 100)),
    inStock: random.chance(0.9),
    rating: random.chance(0.94) ? (random.between(31, 50) / 10).toFixed(1) : null,
    categoryId: `${tenant.prefix}c-${index + 1}`,
  }
}

/** Puts the name of a series behind, another one as long as the name is taken. */
function uniqueName(name: string, seq: number, taken: Set<string>): string {
  for (let step = 0; ; step += 1) {
    const series = SERIES[(seq + step) % SERIES.length] ?? ''
    const round = step < SERIES.length ? '' : ` ${Math.floor(step / SERIES.length) + 1}`
    const candidate = `${name} ${series}${round}`
    if (taken.has(candidate)) continue
    taken.add(candidate)
    return candidate
  }
}
