import { signIdentity } from '../../../src/contract/identity-signature.js'
import { toIdentityHeaders } from '../../../src/contract/identity-headers.js'
import type { PropagatedIdentity } from '../../../src/contract/identity-headers.js'

export const SECRET = 'a secret of these tests'

export interface Answer {
  readonly status: number
  readonly data: unknown
  readonly errors: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

/** A caller, as the gateway would tell a subgraph about it. */
export function caller(
  userId: string | undefined,
  more: Partial<PropagatedIdentity> = {},
): PropagatedIdentity {
  return {
    tenantId: 'acme',
    plan: 'free',
    scopes: [],
    roles: [],
    ...(userId === undefined ? {} : { userId }),
    ...more,
  }
}

/** Sends an operation with the identity signed, as the gateway does. */
export async function ask(
  url: string,
  identity: PropagatedIdentity,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const body = JSON.stringify({ query, variables })
  const headers = toIdentityHeaders(identity)
  const signature = signIdentity(headers, body, SECRET, Date.now() / 1000)
  return send(url, { ...headers, ...signature }, body)
}

/** Sends any body with any headers. */
export async function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'test-request', ...headers },
    body,
  })
  const answer = (await response.json()) as Partial<Answer>
  return { status: response.status, data: answer.data ?? null, errors: answer.errors ?? [] }
}

/** The codes of the errors, which is what tests are about; empty where there is none. */
export function codes(answer: Answer): readonly string[] {
  return answer.errors.map((error) => error.extensions.code)
}
