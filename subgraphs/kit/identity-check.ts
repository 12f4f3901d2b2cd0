import { Kind, parse } from 'graphql'
import type { SelectionNode } from 'graphql'
import { fromIdentityHeaders } from '../../src/contract/identity-headers.js'
import type { PropagatedIdentity } from '../../src/contract/identity-headers.js'
import { verifySignature } from '../../src/contract/identity-signature.js'
import type { SignatureFault } from '../../src/contract/identity-signature.js'

/** What an unsigned request may ask: enough to compose a supergraph and to see that somebody is there. */
const PUBLIC_ROOT_FIELDS: ReadonlySet<string> = new Set(['_service', '__typename'])

export type IdentityCheck =
  | { readonly identity: PropagatedIdentity; readonly refused?: never }
  | { readonly refused: SignatureFault; readonly identity?: never }

/** Believes the identity headers if the gateway signed them for exactly this body. */
export function checkIdentity(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: Buffer,
  secret: string,
): IdentityCheck {
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' || value === undefined ? value : value.join(', ')
  }
  const refused = verifySignature(header, body, secret, Date.now() / 1000)
  if (refused === undefined) return { identity: fromIdentityHeaders(header) }
  if (refused === 'missing' && asksForSchemaOnly(body)) return { identity: NOBODY }
  return { refused }
}

/** An identity that owns nothing and whose tenant has no rows. */
const NOBODY: PropagatedIdentity = { tenantId: '', plan: '', scopes: [], roles: [] }

/** Whether the body is a GraphQL request whose every root field is in {@link PUBLIC_ROOT_FIELDS}. */
export function asksForSchemaOnly(body: Buffer): boolean {
  try {
    const request: unknown = JSON.parse(body.toString())
    if (typeof request !== 'object' || request === null || !('query' in request)) return false
    if (typeof request.query !== 'string') return false
    const { definitions } = parse(request.query, { maxTokens: 100 })
    return definitions.every(
      (definition) =>
        definition.kind === Kind.OPERATION_DEFINITION &&
        definition.selectionSet.selections.every(isPublicField),
    )
  } catch {
    return false
  }
}

function isPublicField(selection: SelectionNode): boolean {
  return selection.kind === Kind.FIELD && PUBLIC_ROOT_FIELDS.has(selection.name.value)
}
