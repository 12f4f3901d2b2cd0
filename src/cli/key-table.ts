import type { ListedApiKey } from '../identity/index.js'
import { tableOf } from './table-of.js'

/** A key as `keys list --json` prints it. */
export function describeKey(key: ListedApiKey): object {
  return {
    id: key.id,
    name: key.name,
    state: key.state,
    tenant: key.tenant,
    plan: key.plan,
    scopes: key.scopes,
    createdAt: toText(key.createdAtMs),
    expiresAt: toText(key.expiresAtMs),
    revokedAt: toText(key.revokedAtMs),
  }
}

const HEAD = ['ID', 'NAME', 'STATE', 'TENANT', 'PLAN', 'SCOPES', 'EXPIRES']

/** Keys as lines of columns, as wide as what stands in them. */
export function tableOfKeys(keys: readonly ListedApiKey[]): string {
  if (keys.length === 0) return 'There are no API keys yet.\n'
  return tableOf([HEAD, ...keys.map(toCells)])
}

function toCells(key: ListedApiKey): readonly string[] {
  const { id, name, state, tenant, plan, scopes, expiresAtMs } = key
  return [
    id,
    name,
    state,
    tenant,
    plan,
    scopes.join(' ') || '-',
    toText(expiresAtMs)?.slice(0, 10) ?? 'never',
  ]
}

function toText(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()
}
