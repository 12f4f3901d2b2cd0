import { GatewayError } from '../kernel/gateway-error.js'

/** What keeps caches from an answer that is another one as soon as a document is known. */
const UNCACHED = { headers: { 'cache-control': 'private, no-cache, must-revalidate' } }

export function missingQuery(): GatewayError {
  return new GatewayError('BAD_REQUEST', 'The request has no GraphQL document: send one in query.')
}

/** The message is the one by which clients of the protocol know that they should stop using it. */
export function notSupported(): GatewayError {
  return new GatewayError('BAD_REQUEST', 'PersistedQueryNotSupported')
}

/** The message is that of the protocol: clients look for it. */
export function notFound(): GatewayError {
  return new GatewayError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', UNCACHED)
}

export function hashMismatch(): GatewayError {
  return new GatewayError(
    'PERSISTED_QUERY_HASH_MISMATCH',
    'Hash, id and query of the request are not of one document.',
  )
}

export function notInList(): GatewayError {
  return new GatewayError('PERSISTED_QUERY_NOT_IN_LIST', 'No trusted document has this id.', UNCACHED)
}

export function idRequired(): GatewayError {
  return new GatewayError(
    'PERSISTED_QUERY_ID_REQUIRED',
    'Send the id of a trusted document instead of a text.',
  )
}

export function notInSafelist(): GatewayError {
  return new GatewayError(
    'QUERY_NOT_IN_SAFELIST',
    'The document is not one of the trusted documents.',
    UNCACHED,
  )
}
