/** What a challenge says beside its scheme (RFC 6750 §3). */
export interface BearerChallenge {
  /** Absent where no credential was sent: who did nothing wrong is not told of an error (§3.1). */
  readonly error?: 'invalid_token' | 'insufficient_scope'
  /** What the resource needs. */
  readonly scopes?: readonly string[]
}

const BASE = 'Bearer realm="gatehouse"'

/** RFC 6749 §3.3: nothing else may stand in a header's quotes. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Writes the `WWW-Authenticate` of a refusal with 401 or 403: the one form of all features that refuse. */
export function bearerChallenge({ error, scopes = [] }: BearerChallenge = {}): string {
  const named = [...new Set(scopes)].filter((scope) => SCOPE_TOKEN.test(scope))
  return [
    BASE,
    ...(error === undefined ? [] : [`error="${error}"`]),
    ...(named.length === 0 ? [] : [`scope="${named.join(' ')}"`]),
  ].join(', ')
}
