import { receive, type Admitted, type Identified } from '../../kernel/contexts.js'
import type { Route, RouteRequest, RouteResponse } from '../../kernel/route.js'
import type { Stage } from '../../kernel/stage.js'
import { toAnonymous } from '../to-principal.js'
import type { AuthenticateClient } from './authenticate-client.js'
import { readForm, required } from './form.js'
import { chooseAudience, type DecideGrant, type Target } from './grant.js'
import { issueToken, type IssuingParts } from './issue-token.js'
import { JSON_NOT_STORED, OAuthError, toErrorResponse } from './oauth-error.js'
import type { ClientOptions } from './options.js'

/** Two full tokens and everything beside them. */
const BODY_BYTES = 16_384

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

const GRANT_TYPES: ReadonlyMap<string, ClientOptions['grants'][number]> = new Map([
  ['client_credentials', 'client_credentials'],
  [TOKEN_EXCHANGE, 'token_exchange'],
])

export interface TokenRouteParts {
  /** The request limit of the line: whoever guesses secrets is counted like any anonymous caller. */
  readonly limitRequest: Stage<Identified, Admitted>
  readonly authenticate: AuthenticateClient
  readonly grants: Readonly<Record<ClientOptions['grants'][number], DecideGrant>>
  readonly target: Target
  readonly defaultTenant: string
  readonly issuing: IssuingParts
}

/** The token endpoint (RFC 6749 §3.2): limit → form → client → grant → token. */
export function createTokenRoute(parts: TokenRouteParts): Route {
  return {
    method: 'POST',
    path: '/oauth/token',
    bodyBytes: BODY_BYTES,
    frontEnd: 'oauth',
    handle: async (request) => {
      await admit(request, parts)
      try {
        return await answer(request, parts)
      } catch (error) {
        if (error instanceof OAuthError) return toErrorResponse(error)
        throw error
      }
    },
  }
}

/** Clients are counted by address: who they are is not known before the costly comparison of their secret. */
async function admit({ arrival }: RouteRequest, parts: TokenRouteParts): Promise<void> {
  const received = receive(arrival, { frontEnd: 'oauth', request: { readOnly: false } })
  const principal = toAnonymous(arrival.client.address, parts.defaultTenant)
  await parts.limitRequest.run({ ...received, principal })
}

async function answer(request: RouteRequest, parts: TokenRouteParts): Promise<RouteResponse> {
  // They would stand in the logs of everything between the client and us (RFC 6749 §3.2).
  if (request.query.size > 0) {
    throw new OAuthError('invalid_request', 'Parameters belong into the body, not into the URL.')
  }
  const form = readForm(request.header('content-type'), request.body)
  const client = await parts.authenticate(request, form)
  const grantType = GRANT_TYPES.get(required(form, 'grant_type'))
  if (grantType === undefined) {
    throw new OAuthError('unsupported_grant_type', 'This grant type is not supported.')
  }
  if (!client.grants.includes(grantType)) {
    throw new OAuthError('unauthorized_client', 'The client may not use this grant type.')
  }
  const audience = chooseAudience(client, form, parts.target)
  const grant = await parts.grants[grantType](client, form)
  const { token, id, lifeSeconds } = await issueToken(grant, client, audience, parts.issuing)
  return {
    status: 200,
    headers: JSON_NOT_STORED,
    body: JSON.stringify({
      access_token: token,
      ...grant.answer,
      token_type: 'Bearer',
      expires_in: lifeSeconds,
      scope: grant.scopes.join(' '),
    }),
    logged: { oauthClient: client.id, grantType, tokenId: id, tenant: grant.tenant },
  }
}
