import { LRUCache } from 'lru-cache'
import { GatewayError } from '../kernel/gateway-error.js'
import { ProvenCache } from '../kernel/proven-cache.js'
import type { KnownDocument } from './known-document.js'
import type { DocumentsOptions } from './options.js'

/** Memory per token, in bytes: 300 measured for the tree on Node 20, the rest for what later stages hang on it. */
const BYTES_PER_TOKEN = 500
/** Rough memory of an entry beside its text, in bytes. */
const BYTES_PER_ENTRY = 1000
/** One entry may fill this part of a memo at most. */
const LARGEST_SHARE = 0.1

/** Text → what is known of the document. */
export interface DocumentMemo {
  /** Finds the document or prepares it; raises what `prepare` raised, now or the first time. */
  readonly resolve: (source: string, prepare: (source: string) => KnownDocument) => KnownDocument
}

/**
 * Remembers good documents and refusals in two separate memos.
 *
 * Refusals are worth remembering because hostile clients repeat themselves, and are kept apart because in one
 * memo their documents would push out those that everybody uses. Neither do good documents that nobody asks for again.
 */
export function createDocumentMemo({ bytes, failureBytes }: DocumentsOptions['memo']): DocumentMemo {
  const good = bytes === 0 ? undefined : new ProvenCache({ maxBytes: bytes, bytesOf: documentBytes })
  const refused = failureBytes === 0 ? undefined : createRefused(failureBytes)

  const prepareAndKeep = (source: string, prepare: (source: string) => KnownDocument): KnownDocument => {
    const refusal = refused?.get(source)
    if (refusal !== undefined) throw refusal
    try {
      const known = prepare(source)
      if (documentBytes(known, source) <= bytes * LARGEST_SHARE) good?.add(source, known)
      return known
    } catch (error) {
      if (error instanceof GatewayError) refused?.set(source, error)
      throw error
    }
  }

  return { resolve: (source, prepare) => good?.get(source) ?? prepareAndKeep(source, prepare) }
}

function documentBytes({ document }: KnownDocument, source: string): number {
  return textBytes(source) + (document.tokenCount ?? 0) * BYTES_PER_TOKEN
}

function textBytes(source: string): number {
  return BYTES_PER_ENTRY + 2 * source.length
}

function createRefused(bytes: number): LRUCache<string, GatewayError> {
  return new LRUCache<string, GatewayError>({
    maxSize: bytes,
    maxEntrySize: Math.ceil(bytes * LARGEST_SHARE),
    sizeCalculation: (_error, source) => textBytes(source),
  })
}
