import type { RouteResponse } from '../../kernel/route.js'

/** The codes of RFC 6749 §5.2 and of RFC 8693 §2.2.2. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_scope'
  | 'invalid_target'
  | 'unauthorized_client'
  | 'unsupported_grant_type'

/**
 * A refusal of the token endpoint.
 *
 * Not a GatewayError: clients of this endpoint are OAuth libraries, which know the codes of their RFCs and not ours.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: OAuthErrorCode
  readonly status: number
  /** For the access log: what was wrong, where the client may not learn it. */
  readonly reason: string | undefined

  constructor(
    code: OAuthErrorCode,
    description: string,
    options: { readonly status?: number; readonly reason?: string } = {},
  ) {
    super(description)
    this.code = code
    this.status = options.status ?? (code === 'invalid_client' ? 401 : 400)
    this.reason = options.reason
  }
}

/** Writes the refusal as RFC 6749 §5.2 has it; 401 names the scheme that the client may authenticate with. */
export function toErrorResponse({ code, message, status, reason }: OAuthError): RouteResponse {
  return {
    status,
    headers: {
      ...JSON_NOT_STORED,
      ...(status === 401 ? { 'www-authenticate': 'Basic realm="gatehouse"' } : {}),
    },
    body: JSON.stringify({ error: code, error_description: message }),
    logged: { errorCodes: [code], ...(reason === undefined ? {} : { reason }) },
  }
}

/** The head of every answer of the endpoint (RFC 6749 §5.1). */
export const JSON_NOT_STORED = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  pragma: 'no-cache',
}
