import type DataLoader from 'dataloader'
import type { Kysely } from 'kysely'
import { createFieldLoader, createRowLoader, groupBy } from '../kit/batch-loader.js'
import type { FieldKey } from '../kit/batch-loader.js'
import { visibleOwners } from '../kit/caller.js'
import type { Caller } from '../kit/caller.js'
import { createProductRepository } from './repository.js'
import type { ProductRepository } from './repository.js'
import type { CategoryRow, ProductRow, ProductTables } from './tables.js'

/** What one request has looked up in the catalogue so far. */
export interface ProductLoaders {
  readonly repository: ProductRepository
  readonly byId: DataLoader<string, ProductRow | null>
  readonly bySku: DataLoader<string, ProductRow | null>
  readonly category: DataLoader<string, CategoryRow | null>
  readonly recommended: DataLoader<FieldKey<{ readonly first: number }>, readonly ProductRow[], string>
}

export function createProductLoaders(db: Kysely<ProductTables>, caller: Caller): ProductLoaders {
  const repository = createProductRepository(db, caller.tenantId)
  return {
    repository,
    byId: createRowLoader(repository.findByIds, (row) => row.id),
    bySku: createRowLoader(repository.findBySkus, (row) => row.sku),
    category: createRowLoader(repository.findCategories, (row) => row.id),
    recommended: createFieldLoader<{ readonly first: number }, readonly ProductRow[]>(
      async (userIds, { first }) => {
        const owners = visibleOwners(caller, userIds)
        if (owners.length === 0) return new Map()
        return groupBy(await repository.listRecommended(owners, first), (row) => row.user_id)
      },
      [],
    ),
  }
}
