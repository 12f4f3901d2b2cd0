import type { Received } from '../../kernel/contexts.js'
import type { OperationRequest } from '../../kernel/operation.js'
import type { TrustedDocument } from './trusted-document.js'
import type { TrustedSet } from './trusted-set.js'

/**
 * The trusted document that a request names by an id, before anything of the request is parsed or checked.
 *
 * For those who stand before the documents' stage; that stage decides whether the request is served.
 */
export function namedDocument(
  set: TrustedSet,
  { request, client }: Pick<Received, 'request' | 'client'>,
): TrustedDocument | undefined {
  const id = request.documentId ?? hashOf(request)
  return id === undefined ? undefined : set.find(id, client.name)
}

function hashOf({ extensions }: OperationRequest): string | undefined {
  const persisted = extensions?.['persistedQuery']
  if (typeof persisted !== 'object' || persisted === null || !('sha256Hash' in persisted)) return undefined
  const { sha256Hash } = persisted
  return typeof sha256Hash === 'string' ? sha256Hash : undefined
}
