import { sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'
import { hashText } from './random.js'

/** One step in the life of a subgraph's tables. Never edited once released: a change is a new step. */
export interface Migration<Tables> {
  readonly name: string
  /** What an operator reads while it runs. */
  readonly progress: string
  readonly run: (transaction: Transaction<Tables>) => Promise<void>
}

/**
 * Brings the tables of a subgraph up to date, in one transaction.
 *
 * Replicas that start together on one server wait for each other at the advisory lock; all but the first find
 * nothing left to do. Seeding is a migration too, so that it happens exactly once or not at all.
 */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  schema: string,
  migrations: readonly Migration<Tables>[],
  onProgress: (message: string) => void,
): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${hashText(schema)})`.execute(transaction)
    const done = await readDone(transaction, schema)
    for (const migration of migrations) {
      if (done.has(migration.name)) continue
      onProgress(migration.progress)
      await migration.run(transaction)
      await sql`insert into ${sql.table(`${schema}.migrations`)} (name) values (${migration.name})`.execute(
        transaction,
      )
    }
  })
}

async function readDone<Tables>(
  transaction: Transaction<Tables>,
  schema: string,
): Promise<ReadonlySet<string>> {
  const table = sql.table(`${schema}.migrations`)
  await sql`create schema if not exists ${sql.id(schema)}`.execute(transaction)
  await sql`create table if not exists ${table} (
    name text primary key,
    applied_at timestamptz not null default now()
  )`.execute(transaction)
  const { rows } = await sql<{ name: string }>`select name from ${table}`.execute(transaction)
  return new Set(rows.map((row) => row.name))
}

/**
 * Runs several statements that take no parameters, such as a file of table definitions.
 *
 * One at a time: the extended protocol takes one statement per message.
 */
export async function runStatements<Tables>(
  transaction: Transaction<Tables>,
  statements: readonly string[],
): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(transaction)
}

/**
 * Inserts many rows with one statement and one parameter per 5,000 rows.
 *
 * Rows travel as JSON and PostgreSQL reads each value as its column's type, which is an order of magnitude
 * faster than a placeholder per value and has no limit of 65,535 of them.
 */
export async function insertRows<Tables>(
  transaction: Transaction<Tables>,
  table: string,
  rows: readonly object[],
): Promise<void> {
  const target = sql.table(table)
  for (let start = 0; start < rows.length; start += 5_000) {
    const json = JSON.stringify(rows.slice(start, start + 5_000))
    await sql`insert into ${target} select * from jsonb_populate_recordset(null::${target}, ${json}::jsonb)`.execute(
      transaction,
    )
  }
}
