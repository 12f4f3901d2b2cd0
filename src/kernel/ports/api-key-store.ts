import type { PlanTier } from '../principal.js'

/** A secret of a key as the store knows it: never the secret itself. */
export interface StoredSecret {
  /** Keyed hash of the secret, as base64url. */
  readonly digest: string
  /** Milliseconds since the epoch; set once another secret has taken its place. */
  readonly voidAtMs?: number
}

/** What is stored of an API key. */
export interface StoredApiKey {
  /** Stands in the key's text, in logs and in lists; no secret. */
  readonly id: string
  readonly name: string
  readonly tenant: string
  readonly plan: PlanTier
  readonly scopes: readonly string[]
  readonly createdAtMs: number
  readonly expiresAtMs?: number
  readonly revokedAtMs?: number
  /** The newest first; the others are those that a rotation lets live on for a while. */
  readonly secrets: readonly StoredSecret[]
}

/** What became different in the store since somebody last asked. */
export interface ApiKeyChanges {
  /** To be handed in with the next question. */
  readonly mark: string
  /** Ids of keys that were added or changed; `all` where the store cannot tell. */
  readonly changed: readonly string[] | 'all'
}

/**
 * Where API keys are kept, shared by all instances and the command line.
 *
 * Rejects when it cannot answer in time. Changes take effect in one order: whoever was told of one will not miss
 * an earlier one.
 */
export interface ApiKeyStore {
  readonly find: (id: string) => Promise<StoredApiKey | undefined>
  /** All keys, the oldest first. */
  readonly list: () => Promise<readonly StoredApiKey[]>
  readonly add: (key: StoredApiKey) => Promise<void>
  /**
   * Replaces a key by what `change` makes of it, with nobody in between; returns it, or undefined where there is
   * no such key. What `change` throws is passed on, and nothing is changed.
   */
  readonly change: (
    id: string,
    change: (key: StoredApiKey) => StoredApiKey,
  ) => Promise<StoredApiKey | undefined>
  readonly changesSince: (mark: string | undefined) => Promise<ApiKeyChanges>
  readonly close: () => Promise<void>
}
