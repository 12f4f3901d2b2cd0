import type { Principal } from '../kernel/principal.js'
import { isPromise } from '../kernel/stage.js'
import type { KnownDocument } from './known-document.js'
import type { LearnedTexts } from './learned-texts.js'
import { hashMismatch, missingQuery, notFound } from './persisted-refusals.js'
import type { RequestedDocument } from './requested-document.js'
import { sha256 } from './sha256.js'

export interface LearnedRules {
  readonly enabled: boolean
  readonly learned: LearnedTexts
  readonly resolve: (source: string) => KnownDocument
  /** What is raised for a hash without a text where there are no automatic persisted queries. */
  readonly unsupported: () => Error
}

/** Finds what a request means by its text, its hash or both. */
export type ResolveLearned = (
  asked: RequestedDocument,
  caller: Principal,
) => KnownDocument | Promise<KnownDocument>

/** Automatic persisted queries: the protocol by which clients send a hash in place of a known text. */
export function createResolveLearned({
  enabled,
  learned,
  resolve,
  unsupported,
}: LearnedRules): ResolveLearned {
  const fromAfar = (hash: string, source: string | undefined): KnownDocument => {
    if (source === undefined) throw notFound()
    const known = resolve(source)
    learned.keep(hash, source)
    return known
  }
  const byHash = (hash: string): KnownDocument | Promise<KnownDocument> => {
    const found = learned.find(hash)
    if (isPromise(found)) return found.then((source) => fromAfar(hash, source))
    if (found === undefined) throw notFound()
    return resolve(found)
  }
  return ({ query, hash }, caller) => {
    if (query === undefined) {
      if (hash === undefined) throw missingQuery()
      if (!enabled) throw unsupported()
      return byHash(hash)
    }
    if (hash === undefined || !enabled || learned.findHere(hash) === query) return resolve(query)
    if (hash !== sha256(query)) throw hashMismatch()
    const known = resolve(query)
    learned.learn(hash, query, caller)
    return known
  }
}
