import type { QueryResultRow } from 'pg'
import type { Logger } from '../kernel/ports/logger.js'
import type { UsageStore } from '../kernel/ports/usage-store.js'
import { OUTSIDE_QUOTA } from '../kernel/usage.js'
import { createPostgresDatabase, type PostgresOptions } from './postgres-database.js'
import {
  ADD_ROWS,
  CLAIM_BATCH,
  FORGET_INSTANCES,
  FORGET_ROWS,
  LIST_ROWS,
  MONTH_TOTALS,
  readUsageRow,
  toColumns,
  USAGE_TABLES,
  type UsageTableRow,
} from './usage-tables.js'

/**
 * Keeps usage in PostgreSQL, in the schema that API keys may have, too; made when it is missing.
 *
 * The number of a batch and its rows are committed together: a batch whose answer was lost on the way finds its
 * number there when it comes again, and adds nothing.
 */
export function createPostgresUsageStore(options: PostgresOptions, logger: Logger): UsageStore {
  const database = createPostgresDatabase(options, USAGE_TABLES, logger)
  const query = async <Row extends QueryResultRow>(text: string, values: readonly unknown[]) =>
    (await (await database.pool()).query<Row>(text, [...values])).rows

  return {
    add: ({ instance, sequence, rows }) =>
      database.inTransaction(async (client) => {
        const claimed = await client.query(CLAIM_BATCH, [instance, sequence])
        if (claimed.rows.length > 0) await client.query(ADD_ROWS, [...toColumns(rows)])
      }),
    list: async ({ from, to, tenant = null }) =>
      (await query<UsageTableRow>(LIST_ROWS, [from, to, tenant])).map(readUsageRow),
    monthTotals: async (month, tenants) => {
      const rows = await query<{ tenant: string; requests: number; cost_units: number }>(MONTH_TOTALS, [
        tenants,
        `${month}-01`,
        OUTSIDE_QUOTA,
      ])
      return new Map(
        rows.map(({ tenant, requests, cost_units: costUnits }) => [tenant, { requests, costUnits }]),
      )
    },
    forgetBefore: async (day) => {
      await query(FORGET_ROWS, [day])
      await query(FORGET_INSTANCES, [day])
    },
    close: database.close,
  }
}
