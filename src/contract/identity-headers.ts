/**
 * The headers in which the gateway tells a subgraph who is asking.
 *
 * This module has no dependency on the rest of the gateway, so that a subgraph author may import or copy it.
 * Names are fixed: anything a client sends under them is dropped at the entrance.
 */

/** Who is asking, as far as a subgraph needs to know. All texts; lists are comma separated on the wire. */
export interface PropagatedIdentity {
  readonly userId?: string
  readonly tenantId: string
  readonly plan: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  readonly email?: string
}

/** Lower-case header names, in the order in which they enter the signature. */
export const IDENTITY_HEADERS = [
  'x-user-id',
  'x-tenant-id',
  'x-user-plan',
  'x-user-scopes',
  'x-user-roles',
  'x-user-email',
] as const

export type IdentityHeaderName = (typeof IDENTITY_HEADERS)[number]

export const TIMESTAMP_HEADER = 'x-gateway-timestamp'
export const SIGNATURE_HEADER = 'x-gateway-signature'
export const REQUEST_ID_HEADER = 'x-request-id'

/** Writes an identity as headers that any server accepts. Absent values are left out rather than sent empty. */
export function toIdentityHeaders(identity: PropagatedIdentity): Partial<Record<IdentityHeaderName, string>> {
  return {
    ...(identity.userId === undefined ? {} : { 'x-user-id': toHeaderText(identity.userId) }),
    'x-tenant-id': toHeaderText(identity.tenantId),
    'x-user-plan': identity.plan,
    'x-user-scopes': identity.scopes.filter(isListItem).join(','),
    'x-user-roles': identity.roles.filter(isListItem).join(','),
    ...(identity.email === undefined ? {} : { 'x-user-email': toHeaderText(identity.email) }),
  }
}

/** Reads the headers back. Call it only after {@link verifySignature} said yes. */
export function fromIdentityHeaders(header: (name: string) => string | undefined): PropagatedIdentity {
  const userId = header('x-user-id')
  const email = header('x-user-email')
  return {
    ...(userId === undefined ? {} : { userId: fromHeaderText(userId) }),
    tenantId: fromHeaderText(header('x-tenant-id') ?? ''),
    plan: header('x-user-plan') ?? '',
    scopes: toList(header('x-user-scopes')),
    roles: toList(header('x-user-roles')),
    ...(email === undefined ? {} : { email: fromHeaderText(email) }),
  }
}

/**
 * Percent-encodes what a header cannot carry unchanged: controls, spaces, everything outside ASCII, and `%`.
 *
 * Two different texts never become the same header, so nobody can be taken for somebody else.
 */
function toHeaderText(text: string): string {
  return text.replace(/[^\x21-\x24\x26-\x7e]+/g, (run) => encodeURIComponent(Buffer.from(run).toString()))
}

/** A text that was not written by {@link toHeaderText} is taken as it stands. */
function fromHeaderText(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Lists are joined by commas: an item with one would be read as two. Such items are left out. */
function isListItem(item: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]+$/.test(item)
}

function toList(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(',')
}
