import type { StoredApiKey } from '../../kernel/ports/api-key-store.js'
import type { Principal } from '../../kernel/principal.js'

/** A key that was read, with all that can be made of it before somebody brings its secret. */
export interface ReadyKey {
  readonly secrets: readonly ReadySecret[]
}

export interface ReadySecret {
  readonly digest: Buffer
  /** Milliseconds since the epoch; infinite for a key without an end. */
  readonly voidAtMs: number
  /** One object for as long as the key is remembered, so that what is derived from it is derived once. */
  readonly principal: Principal
}

const DIGEST_BYTES = 32

/** Makes a stored key ready to be compared; undefined for one that was revoked. */
export function toReadyKey(stored: StoredApiKey): ReadyKey | undefined {
  if (stored.revokedAtMs !== undefined) return undefined
  const secrets = stored.secrets.map(({ digest, voidAtMs = Infinity }): ReadySecret => {
    const endsAtMs = Math.min(voidAtMs, stored.expiresAtMs ?? Infinity)
    return {
      digest: Buffer.from(digest, 'base64url'),
      voidAtMs: endsAtMs,
      principal: toMachine(stored, endsAtMs),
    }
  })
  // One that was spoilt in the store cannot be compared, and so admits nobody.
  return { secrets: secrets.filter(({ digest }) => digest.length === DIGEST_BYTES) }
}

/** The principal of an API key: a machine, which is no user and has no roles. */
function toMachine(stored: StoredApiKey, voidAtMs: number): Principal {
  const { id, name, tenant, plan, scopes } = stored
  return {
    kind: 'machine',
    key: `key:${id}`,
    tenant,
    plan,
    scopes: new Set(scopes),
    scopeKey: [...new Set(scopes)].sort().join(' '),
    roles: [],
    apiKey: { id, name },
    ...(voidAtMs === Infinity ? {} : { expiresAtSeconds: voidAtMs / 1000 }),
  }
}
