import type { StoredApiKey, StoredSecret } from '../kernel/ports/api-key-store.js'
import type { PlanTier } from '../kernel/principal.js'
import type { PostgresTables } from './postgres-database.js'

export const API_KEY_TABLES: PostgresTables = {
  purpose: 'API keys',
  lastTable: 'api_key_changes',
  create: `
  create schema if not exists gatehouse;
  create table gatehouse.api_keys (
    id text primary key,
    name text not null,
    tenant text not null,
    plan text not null check (plan in ('free', 'pro', 'enterprise')),
    scopes text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    secrets jsonb not null,
    revision bigint not null
  );
  create index api_keys_revision on gatehouse.api_keys (revision);
  create table gatehouse.api_key_changes (
    only_row boolean primary key default true check (only_row),
    lineage uuid not null default gen_random_uuid(),
    revision bigint not null default 0
  );
  insert into gatehouse.api_key_changes default values`,
}

export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  readonly tenant: string
  readonly plan: PlanTier
  readonly scopes: readonly string[]
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
  readonly secrets: readonly StoredSecret[]
}

export function readRow(row: ApiKeyRow): StoredApiKey {
  const { id, name, tenant, plan, scopes, secrets } = row
  return {
    ...{ id, name, tenant, plan, scopes, secrets },
    createdAtMs: row.created_at.getTime(),
    ...(row.expires_at === null ? {} : { expiresAtMs: row.expires_at.getTime() }),
    ...(row.revoked_at === null ? {} : { revokedAtMs: row.revoked_at.getTime() }),
  }
}

/** In the order of the columns. */
export function toParameters(key: StoredApiKey): readonly unknown[] {
  const { id, name, tenant, plan, scopes, createdAtMs, expiresAtMs, revokedAtMs, secrets } = key
  return [
    ...[id, name, tenant, plan, scopes, new Date(createdAtMs)],
    expiresAtMs === undefined ? null : new Date(expiresAtMs),
    revokedAtMs === undefined ? null : new Date(revokedAtMs),
    JSON.stringify(secrets),
  ]
}
