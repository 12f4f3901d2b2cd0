import type { GatewayError } from '../../kernel/gateway-error.js'
import type { Metrics } from '../../kernel/ports/metrics.js'
import type { Principal } from '../../kernel/principal.js'
import { andThen } from '../../kernel/stage.js'
import { introspectsOnly, type MayIntrospect } from '../introspection.js'
import type { KnownDocument } from '../known-document.js'
import { hashMismatch, idRequired, missingQuery, notInList, notInSafelist } from '../persisted-refusals.js'
import type { PreparedTexts } from '../prepared-texts.js'
import type { RequestedDocument } from '../requested-document.js'
import type { ResolveLearned } from '../resolve-learned.js'
import { sha256 } from '../sha256.js'
import { documentIdentity } from './document-identity.js'
import type { ModeOf } from './ladder.js'
import type { TrustedDocument } from './trusted-document.js'
import type { TrustedSet } from './trusted-set.js'
import type { NoteUnlisted } from './unlisted-log.js'

/** A document and whether the operator listed it. */
export interface FoundDocument {
  readonly known: KnownDocument
  readonly isTrusted: boolean
}

/** Who asks, as far as it matters for a document. */
export interface Asking {
  readonly caller: Principal
  readonly clientName: string | undefined
  readonly operationName: string | undefined
}

export interface TrustedRules {
  readonly current: () => TrustedSet
  readonly modeOf: ModeOf
  readonly texts: PreparedTexts
  readonly resolveLearned: ResolveLearned
  readonly mayIntrospect: MayIntrospect
  readonly noteUnlisted: NoteUnlisted
  readonly metrics: Metrics
}

export type ResolveTrusted = (
  asked: RequestedDocument,
  asking: Asking,
) => FoundDocument | Promise<FoundDocument>

/**
 * Finds a document among those that are trusted first, and holds others to the caller's rung of the ladder.
 *
 * Nobody learns from a refusal whether a text that is not listed would have fitted the graph: it is not validated.
 */
export function createResolveTrusted(rules: TrustedRules): ResolveTrusted {
  const { current, modeOf, texts, resolveLearned, mayIntrospect, metrics } = rules
  const identities = new WeakMap<KnownDocument, string>()

  const trusted = (source: string, caller: Principal): FoundDocument => {
    metrics.countDocument('trusted', caller.kind)
    return { known: texts.resolve(source), isTrusted: true }
  }
  /** Whether text and hash, where they are sent, are of this document: the hash as an id of it or as that of its text. */
  const isMeant = (
    document: TrustedDocument,
    { query, hash }: RequestedDocument,
    clientName: string | undefined,
  ): boolean => {
    const { source, identity } = document
    if (query !== undefined && query !== source && texts.identityOf(query) !== identity) return false
    if (hash === undefined || current().find(hash, clientName)?.identity === identity) return true
    return hash === sha256(source) || (query !== undefined && hash === sha256(query))
  }

  /** Tools may look at the graph where `introspection` lets them; anything else is refused. */
  const introspectionOr = (refuse: () => GatewayError, query: string, caller: Principal): FoundDocument => {
    if (!mayIntrospect(caller)) throw refuse()
    let known: KnownDocument
    try {
      known = texts.resolve(query)
    } catch {
      throw refuse()
    }
    if (!introspectsOnly(known)) throw refuse()
    return { known, isTrusted: false }
  }
  const inSafelist = ({ query, hash }: RequestedDocument, caller: Principal): FoundDocument => {
    if (query === undefined) throw hash === undefined ? missingQuery() : notInList()
    if (hash !== undefined && hash !== sha256(query)) throw hashMismatch()
    const set = current()
    if (set.holdsText(query)) return trusted(query, caller)
    const identity = texts.identityOf(query)
    if (identity !== undefined && set.holds(identity)) return trusted(query, caller)
    return introspectionOr(notInSafelist, query, caller)
  }
  const byIdOnly = ({ query, hash }: RequestedDocument, caller: Principal): FoundDocument => {
    if (query !== undefined) return introspectionOr(idRequired, query, caller)
    throw hash === undefined ? missingQuery() : notInList()
  }
  const noted = (known: KnownDocument, { caller, clientName, operationName }: Asking): FoundDocument => {
    let identity = identities.get(known)
    if (identity === undefined) {
      identity = documentIdentity(known.document)
      identities.set(known, identity)
    }
    const isTrusted = current().holds(identity)
    metrics.countDocument(isTrusted ? 'trusted' : 'unlisted', caller.kind)
    if (!isTrusted && !introspectsOnly(known)) {
      const name = operationName ?? known.only?.name
      rules.noteUnlisted({ identity, operationName: name, clientName, principalKind: caller.kind })
    }
    return { known, isTrusted }
  }
  const letIn = (asked: RequestedDocument, asking: Asking, isLogged: boolean) => {
    const found = (known: KnownDocument): FoundDocument =>
      isLogged ? noted(known, asking) : { known, isTrusted: false }
    return andThen(resolveLearned(asked, asking.caller), found)
  }

  return (asked, asking) => {
    const { caller, clientName } = asking
    const id = asked.documentId ?? asked.hash
    const listed = id === undefined ? undefined : current().find(id, clientName)
    if (listed !== undefined) {
      if (!isMeant(listed, asked, clientName)) throw hashMismatch()
      return trusted(listed.source, caller)
    }
    if (asked.documentId !== undefined) throw notInList()
    switch (modeOf(caller)) {
      case 'requireId':
        return byIdOnly(asked, caller)
      case 'safelist':
        return inSafelist(asked, caller)
      case 'log':
        return letIn(asked, asking, true)
      case 'off':
        return letIn(asked, asking, false)
    }
  }
}
