import type { ApiKeyStore, StoredApiKey, StoredSecret } from '../../kernel/ports/api-key-store.js'
import type { Clock } from '../../kernel/ports/clock.js'
import type { PlanTier } from '../../kernel/principal.js'
import { isPlainText } from '../claims.js'
import { createKeyHashing, type KeyHashing } from './key-hashing.js'
import { inventKeyId, inventSecret, isKeyId, writeKeyText } from './key-text.js'

/** What a new key shall be good for. */
export interface ApiKeyWish {
  readonly name: string
  readonly tenant: string
  readonly plan: PlanTier
  readonly scopes: readonly string[]
  /** Without it the key has no end. */
  readonly livesSeconds?: number | undefined
}

/** A key as lists show it: everything but what its secrets are compared with. */
export type ListedApiKey = Omit<StoredApiKey, 'secrets'> & {
  readonly state: 'active' | 'expired' | 'revoked'
}

/** A key and its text, which nobody can ask for again. */
export interface IssuedApiKey {
  readonly text: string
  readonly key: ListedApiKey
}

/** Making and ending of API keys, for the command line. */
export interface ApiKeyRegister {
  readonly create: (wish: ApiKeyWish) => Promise<IssuedApiKey>
  readonly list: () => Promise<readonly ListedApiKey[]>
  /** Ends a key at once; undefined where there is none of this id. One that was revoked before stays so. */
  readonly revoke: (id: string) => Promise<ListedApiKey | undefined>
  /** Gives a key a new secret; what it had stays valid for the grace. Raises for a key that is not active. */
  readonly rotate: (id: string, graceSeconds: number) => Promise<IssuedApiKey | undefined>
  readonly close: () => Promise<void>
}

/** Raised for a wish or a request that cannot be met; its message is one line for the user. */
export class ApiKeyFault extends Error {
  override readonly name = 'ApiKeyFault'
}

/** RFC 6749 §3.3, but for the comma that separates scopes towards subgraphs. */
const SCOPE = /^[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]{1,256}$/

/** Secrets that rotations in quick succession leave valid beside the newest. */
const MAX_OUTGOING_SECRETS = 4

/** Opens the register over a store; the secrets it makes are known to gateways with the same pepper. */
export function createApiKeyRegister(pepper: string, store: ApiKeyStore, clock: Clock): ApiKeyRegister {
  const hashing = createKeyHashing(pepper)
  const toListed = (key: StoredApiKey): ListedApiKey => listed(key, clock.now())
  const find = async (id: string, change: (key: StoredApiKey) => StoredApiKey) =>
    isKeyId(id) ? store.change(id, change) : undefined

  return {
    create: async (wish) => {
      assertFit(wish)
      const id = inventKeyId()
      const { text, digest } = inventText(id, hashing)
      const now = clock.now()
      const { name, tenant, plan, livesSeconds } = wish
      const key: StoredApiKey = {
        ...{ id, name, tenant, plan, scopes: [...new Set(wish.scopes)].sort(), createdAtMs: now },
        ...(livesSeconds === undefined ? {} : { expiresAtMs: now + livesSeconds * 1000 }),
        secrets: [{ digest }],
      }
      await store.add(key)
      return { text, key: toListed(key) }
    },
    list: async () => (await store.list()).map(toListed),
    revoke: async (id) => {
      const key = await find(id, (found) => ({ ...found, revokedAtMs: found.revokedAtMs ?? clock.now() }))
      return key && toListed(key)
    },
    rotate: async (id, graceSeconds) => {
      const { text, digest } = inventText(id, hashing)
      const key = await find(id, (found) => {
        const { state } = toListed(found)
        if (state !== 'active')
          throw new ApiKeyFault(`The API key ${id} is ${state}; make a new one instead.`)
        return { ...found, secrets: [{ digest }, ...outgoing(found.secrets, clock.now(), graceSeconds)] }
      })
      return key && { text, key: toListed(key) }
    },
    close: store.close,
  }
}

function inventText(id: string, hashing: KeyHashing): { readonly text: string; readonly digest: string } {
  const unsealed = { id, secret: inventSecret() }
  const parts = { ...unsealed, seal: hashing.seal(unsealed) }
  return { text: writeKeyText(parts), digest: hashing.digest(parts).toString('base64url') }
}

/** A later rotation may end a secret sooner than an earlier one has promised, never later. */
function outgoing(
  secrets: readonly StoredSecret[],
  nowMs: number,
  graceSeconds: number,
): readonly StoredSecret[] {
  const graceEndsMs = nowMs + graceSeconds * 1000
  return secrets
    .map(({ digest, voidAtMs = Infinity }) => ({ digest, voidAtMs: Math.min(voidAtMs, graceEndsMs) }))
    .filter(({ voidAtMs }) => voidAtMs > nowMs)
    .slice(0, MAX_OUTGOING_SECRETS)
}

function listed(key: StoredApiKey, nowMs: number): ListedApiKey {
  const facts: Omit<StoredApiKey, 'secrets'> & { secrets?: unknown } = { ...key }
  delete facts.secrets
  if (key.revokedAtMs !== undefined) return { ...facts, state: 'revoked' }
  return { ...facts, state: nowMs >= (key.expiresAtMs ?? Infinity) ? 'expired' : 'active' }
}

function assertFit({ name, tenant, scopes }: ApiKeyWish): void {
  if (!isPlainText(name)) throw new ApiKeyFault('The name must be a text of 1 to 256 plain characters.')
  if (!isPlainText(tenant)) throw new ApiKeyFault('The tenant must be a text of 1 to 256 plain characters.')
  const odd = scopes.find((scope) => !SCOPE.test(scope))
  if (odd !== undefined) throw new ApiKeyFault(`"${odd}" cannot be a scope.`)
}
