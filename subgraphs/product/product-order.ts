import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import type { Position } from '../kit/connection.js'
import { fault } from '../kit/faults.js'
import type { ProductRow } from './tables.js'

export type ProductSort =
  'CATALOGUE' | 'NAME_ASC' | 'NAME_DESC' | 'PRICE_ASC' | 'PRICE_DESC' | 'RATING_ASC' | 'RATING_DESC'

/** How rows are ordered, and which of them come after a position; `seq` breaks ties in the same direction. */
export interface SortedBy {
  readonly expression: RawBuilder<unknown>
  readonly direction: 'asc' | 'desc'
  readonly after: RawBuilder<SqlBool>
}

interface SortKey {
  readonly expression: RawBuilder<unknown>
  readonly parameter: (value: string | number) => RawBuilder<unknown>
  readonly valueOf: (row: ProductRow) => string | number
}

const numeric = (value: string | number): RawBuilder<unknown> => sql`${String(value)}::numeric`

const CATALOGUE: SortKey = {
  expression: sql`p.seq`,
  parameter: (value) => sql`${toInteger(value)}::integer`,
  valueOf: (row) => row.seq,
}

const KEYS: Readonly<Record<'NAME' | 'PRICE' | 'RATING', SortKey>> = {
  NAME: {
    expression: sql`p.name`,
    parameter: (value) => sql`${String(value)}::text`,
    valueOf: (row) => row.name,
  },
  PRICE: { expression: sql`p.amount`, parameter: numeric, valueOf: (row) => row.amount },
  // Without reviews counts as the lowest, so that there is one order and no null in it.
  RATING: { expression: sql`coalesce(p.rating, 0)`, parameter: numeric, valueOf: (row) => row.rating ?? '0' },
}

export function sortedBy(sort: ProductSort, position: Position | undefined): SortedBy {
  const { expression, parameter } = keyOf(sort)
  const direction = sort.endsWith('_DESC') ? 'desc' : 'asc'
  if (position === undefined) return { expression, direction, after: sql`true` }
  const [value, seq] = position
  if (value === undefined || seq === undefined) throw fault('BAD_USER_INPUT', '"after" is not a cursor.')
  const row = sql`(${parameter(value)}, ${toInteger(seq)}::integer)`
  const after =
    direction === 'asc'
      ? sql<SqlBool>`(${expression}, p.seq) > ${row}`
      : sql<SqlBool>`(${expression}, p.seq) < ${row}`
  return { expression, direction, after }
}

/** What a cursor remembers of a row under this sort order. */
export function positionOf(sort: ProductSort, row: ProductRow): Position {
  return [keyOf(sort).valueOf(row), row.seq]
}

function keyOf(sort: ProductSort): SortKey {
  if (sort === 'CATALOGUE') return CATALOGUE
  if (sort.startsWith('NAME')) return KEYS.NAME
  return sort.startsWith('PRICE') ? KEYS.PRICE : KEYS.RATING
}

function toInteger(value: string | number): number {
  if (typeof value === 'number') return value
  throw fault('BAD_USER_INPUT', '"after" is not a cursor.')
}
