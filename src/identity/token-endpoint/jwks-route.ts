import type { Route } from '../../kernel/route.js'
import type { SigningKeys } from './signing-keys.js'

/** Longest time that a cache may keep the key set, in seconds. */
const MAX_AGE_SECONDS = 300

/**
 * The public keys (RFC 7517 §5), for subgraphs and partners that verify our tokens themselves.
 *
 * A cache may keep them for half the time that a new key is published before it signs, so that it knows each key
 * before the first token names it.
 */
export function createJwksRoute(keys: SigningKeys, publishAheadSeconds: number): Route {
  const maxAge = Math.min(MAX_AGE_SECONDS, Math.floor(publishAheadSeconds / 2))
  return {
    method: 'GET',
    path: '/.well-known/jwks.json',
    frontEnd: 'oauth',
    handle: async () => ({
      status: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': `public, max-age=${maxAge}`,
      },
      body: JSON.stringify({ keys: await keys.published() }),
    }),
  }
}
