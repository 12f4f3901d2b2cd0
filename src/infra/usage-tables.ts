import { USAGE_MEASURES, type UsageKey, type UsageMeasure, type UsageRow } from '../kernel/usage.js'
import type { PostgresTables } from './postgres-database.js'

/** Names of columns, in the order of the measures. */
const COLUMNS: Readonly<Record<UsageMeasure, string>> = {
  requests: 'requests',
  cacheHits: 'cache_hits',
  clientErrors: 'client_errors',
  deniedErrors: 'denied_errors',
  limitedErrors: 'limited_errors',
  serverErrors: 'server_errors',
  costUnits: 'cost_units',
  receivedBytes: 'received_bytes',
  sentBytes: 'sent_bytes',
  refusedByLimits: 'refused_by_limits',
  events: 'events',
}

/** Sums of cost are exact, whatever the order in which instances add to them. */
const typeOf = (measure: UsageMeasure): string => (measure === 'costUnits' ? 'numeric' : 'bigint')

const columns = USAGE_MEASURES.map((measure) => COLUMNS[measure])

export const USAGE_TABLES: PostgresTables = {
  purpose: 'usage',
  lastTable: 'usage_instances',
  laterColumns: ['refused_by_limits', 'events'].map((column) => ({
    table: 'usage',
    column,
    type: 'bigint not null default 0',
  })),
  create: `
  create schema if not exists gatehouse;
  create table gatehouse.usage (
    day date not null,
    tenant text not null,
    caller text not null,
    operation text not null,
    ${USAGE_MEASURES.map((measure) => `${COLUMNS[measure]} ${typeOf(measure)} not null default 0,`).join('\n    ')}
    primary key (tenant, day, caller, operation)
  );
  create index usage_day on gatehouse.usage (day);
  create table gatehouse.usage_instances (
    instance uuid primary key,
    sequence bigint not null,
    added_at timestamptz not null
  )`,
}

/**
 * Takes the batch's number for ourselves, or returns nothing where it was added before.
 *
 * Locks the row until the commit: the same batch sent twice at once waits, and then sees the number.
 */
export const CLAIM_BATCH = `
  insert into gatehouse.usage_instances as known (instance, sequence, added_at) values ($1, $2, now())
  on conflict (instance) do update set sequence = excluded.sequence, added_at = excluded.added_at
    where known.sequence < excluded.sequence
  returning 1`

/** Rows come in the order of their keys, so that two instances do not wait for each other in a circle. */
export const ADD_ROWS = `
  insert into gatehouse.usage as kept (day, tenant, caller, operation, ${columns.join(', ')})
  select * from unnest($1::date[], $2::text[], $3::text[], $4::text[], ${USAGE_MEASURES.map(
    (measure, index) => `$${String(index + 5)}::${typeOf(measure)}[]`,
  ).join(', ')})
  on conflict (tenant, day, caller, operation) do update set
    ${columns.map((column) => `${column} = kept.${column} + excluded.${column}`).join(', ')}`

/** In the order of code units, whatever the language of the database. */
export const LIST_ROWS = `
  select to_char(day, 'YYYY-MM-DD') as day, tenant, caller, operation,
    ${columns.map((column) => `${column}::float8`).join(', ')}
  from gatehouse.usage
  where day between $1 and $2 and ($3::text is null or tenant = $3)
  order by day, tenant collate "C", caller collate "C", operation collate "C"`

export const MONTH_TOTALS = `
  select tenant, sum(requests - refused_by_limits)::float8 as requests, sum(cost_units)::float8 as cost_units
  from gatehouse.usage
  where tenant = any($1) and day >= $2::date and day < $2::date + interval '1 month' and caller <> $3
  group by tenant`

export const FORGET_ROWS = 'delete from gatehouse.usage where day < $1'
export const FORGET_INSTANCES = 'delete from gatehouse.usage_instances where added_at < $1'

export type UsageTableRow = UsageKey & Readonly<Record<string, string | number>>

export function readUsageRow(row: UsageTableRow): UsageRow {
  const counts = Object.fromEntries(
    USAGE_MEASURES.map((measure) => [measure, Number(row[COLUMNS[measure]])]),
  ) as Record<UsageMeasure, number>
  const { day, tenant, caller, operation } = row
  return { day, tenant, caller, operation, ...counts }
}

/** One array for each column of {@link ADD_ROWS}. */
export function toColumns(rows: readonly UsageRow[]): readonly (readonly unknown[])[] {
  const names = ['day', 'tenant', 'caller', 'operation', ...USAGE_MEASURES] as const
  return names.map((name) => rows.map((row) => row[name]))
}
