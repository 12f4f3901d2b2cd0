import { GatewayError } from '../kernel/gateway-error.js'
import { isRecord } from '../kernel/is-record.js'
import type { Json } from '../kernel/json.js'
import type { OperationRequest } from '../kernel/operation.js'

/** By what a request says which document it means; any of them may be there. */
export interface RequestedDocument {
  readonly query: string | undefined
  /** `documentId`, the parameter of GraphQL over HTTP's appendix on persisted documents. */
  readonly documentId: string | undefined
  /** `extensions.persistedQuery.sha256Hash`, as Apollo's clients send it for APQ and trusted documents alike. */
  readonly hash: string | undefined
}

/** Reads what a request asks for; raises BAD_REQUEST where `persistedQuery` is malformed. */
export function readRequestedDocument({
  query,
  documentId,
  extensions,
}: OperationRequest): RequestedDocument {
  const persisted = extensions?.['persistedQuery']
  return {
    query: query === '' ? undefined : query,
    documentId: documentId === '' ? undefined : documentId,
    hash: persisted === undefined || persisted === null ? undefined : toHash(persisted),
  }
}

function toHash(persisted: Json): string {
  const { version, sha256Hash } = isRecord(persisted) ? persisted : {}
  if (version !== 1) throw new GatewayError('BAD_REQUEST', 'Unsupported persisted query version.')
  if (typeof sha256Hash === 'string') return sha256Hash
  throw new GatewayError('BAD_REQUEST', 'extensions.persistedQuery needs the text sha256Hash.')
}
