import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Json, JsonObject } from '../kernel/json.js'
import type { OperationRequest } from '../kernel/operation.js'
import type { DocumentsOptions } from './options.js'

/** Rough memory of an entry beside its text, in bytes. */
const BYTES_PER_ENTRY = 300

/** What came in the place of a document: its text, and the hash under which the client wants it remembered. */
export interface RequestedText {
  readonly source: string
  readonly learnAs?: string
}

/** Automatic persisted queries: the protocol by which clients send a hash in place of a known text. */
export interface PersistedQueries {
  /** The text that the request means; raises BAD_REQUEST or one of the PERSISTED_QUERY codes. */
  readonly read: (request: OperationRequest) => RequestedText
  /** Keeps a text that turned out to be a valid document. */
  readonly learn: (hash: string, source: string) => void
}

/** Keeps texts in this process; a client whose hash is unknown here sends the text once more. */
export function createPersistedQueries({ enabled, bytes }: DocumentsOptions['apq']): PersistedQueries {
  const texts = new LRUCache<string, string>({
    maxSize: Math.max(1, bytes),
    sizeCalculation: (source) => BYTES_PER_ENTRY + 2 * source.length,
  })

  const readHashed = (hash: string, query: string | undefined): RequestedText => {
    const known = texts.get(hash)
    if (query === undefined) {
      if (known === undefined) throw notFound()
      return { source: known }
    }
    if (known === query) return { source: query }
    if (hash !== createHash('sha256').update(query).digest('hex')) throw hashMismatch()
    return { source: query, learnAs: hash }
  }

  const read = (request: OperationRequest): RequestedText => {
    const query = request.query === '' ? undefined : request.query
    const persisted = request.extensions?.['persistedQuery']
    if (persisted !== undefined && persisted !== null && enabled) return readHashed(toHash(persisted), query)
    if (query !== undefined) return { source: query }
    throw persisted === undefined || persisted === null ? missingQuery() : notSupported()
  }

  return { read, learn: (hash, source) => void texts.set(hash, source) }
}

function toHash(persisted: Json): string {
  const { version, sha256Hash } = isObject(persisted) ? persisted : {}
  if (version !== 1) throw new GatewayError('BAD_REQUEST', 'Unsupported persisted query version.')
  if (typeof sha256Hash === 'string') return sha256Hash
  throw new GatewayError('BAD_REQUEST', 'extensions.persistedQuery needs the text sha256Hash.')
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function missingQuery(): GatewayError {
  return new GatewayError('BAD_REQUEST', 'The request has no GraphQL document: send one in query.')
}

/** The message is the one by which clients of the protocol know that they should stop using it. */
function notSupported(): GatewayError {
  return new GatewayError('BAD_REQUEST', 'PersistedQueryNotSupported')
}

/** Message and header are those of the protocol: clients look for the one, caches must not keep the answer. */
function notFound(): GatewayError {
  return new GatewayError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', {
    headers: { 'cache-control': 'private, no-cache, must-revalidate' },
  })
}

function hashMismatch(): GatewayError {
  return new GatewayError(
    'PERSISTED_QUERY_HASH_MISMATCH',
    'The hash is not the SHA-256 of the query sent with it.',
  )
}
