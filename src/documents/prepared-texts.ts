import type { GraphQLSchema } from 'graphql'
import { GatewayError } from '../kernel/gateway-error.js'
import type { Logger } from '../kernel/ports/logger.js'
import { ProvenCache } from '../kernel/proven-cache.js'
import { checkLimits } from './check-limits.js'
import { createDocumentMemo, type DocumentMemo } from './document-memo.js'
import { toKnownDocument, type KnownDocument } from './known-document.js'
import type { DocumentLimits, DocumentsOptions } from './options.js'
import { parseDocument } from './parse-document.js'
import { documentIdentity } from './trusted/document-identity.js'
import type { TrustedSet } from './trusted/trusted-set.js'
import { validateDocument } from './validate-document.js'

/** Memory for identities of texts, in bytes, and roughly what one takes beside its text. */
const IDENTITY_BYTES = 4 * 1024 * 1024
const BYTES_PER_IDENTITY = 400

/** Texts made ready to run on one generation, each once. */
export interface PreparedTexts {
  /** Raises GatewayError where the text is over a limit, does not parse or does not fit the graph. */
  readonly resolve: (source: string) => KnownDocument
  /** The same, of a text that is asked once and not remembered. */
  readonly tryOut: (source: string) => KnownDocument
  /** What the text has in common with others of the same document; undefined where it is over a limit or does not parse. */
  readonly identityOf: (source: string) => string | undefined
}

export interface PreparedTextsPorts {
  readonly apiSchema: GraphQLSchema
  readonly logger: Logger
  /** The trusted documents, where they are exempt from limits of shape. */
  readonly exempt: (() => TrustedSet) | undefined
}

export function createPreparedTexts(
  options: DocumentsOptions,
  { apiSchema, logger, exempt }: PreparedTextsPorts,
): PreparedTexts {
  const memo = createDocumentMemo(options.memo)
  const identities = new ProvenCache<{ readonly identity: string | undefined }>({
    maxBytes: IDENTITY_BYTES,
    bytesOf: (_identity, source) => BYTES_PER_IDENTITY + 2 * source.length,
  })
  const exemptLimits = { limits: withoutShape(options.limits) }

  const prepareWithin =
    (rules: Pick<DocumentsOptions, 'limits'>) =>
    (source: string): KnownDocument =>
      withinStack(logger, () => {
        const document = parseDocument(source, rules.limits)
        const introspecting = checkLimits(document, rules)
        validateDocument(apiSchema, document, options.suggestions)
        return toKnownDocument(source, document, introspecting)
      })
  const prepare = prepareWithin(options)
  const prepareExempt = prepareWithin(exemptLimits)

  // Kept apart and only as long as the same documents are trusted: what is exempt now may not be so later.
  let exemptMemo: { readonly of: TrustedSet; readonly memo: DocumentMemo } | undefined
  const exemptMemoOf = (set: TrustedSet): DocumentMemo => {
    if (exemptMemo?.of !== set) exemptMemo = { of: set, memo: createDocumentMemo(options.memo) }
    return exemptMemo.memo
  }
  const exemptSetOf = (source: string): TrustedSet | undefined => {
    const set = exempt?.()
    return set?.holdsText(source) === true ? set : undefined
  }
  const identify = (source: string): string | undefined => {
    try {
      return withinStack(logger, () => documentIdentity(parseDocument(source, options.limits)))
    } catch (error) {
      if (error instanceof GatewayError) return undefined
      throw error
    }
  }

  return {
    resolve: (source) => {
      const set = exemptSetOf(source)
      return set === undefined
        ? memo.resolve(source, prepare)
        : exemptMemoOf(set).resolve(source, prepareExempt)
    },
    tryOut: (source) => (exemptSetOf(source) === undefined ? prepare(source) : prepareExempt(source)),
    identityOf: (source) => {
      const known = identities.get(source)
      if (known !== undefined) return known.identity
      const identity = identify(source)
      if (2 * source.length < IDENTITY_BYTES / 10) identities.add(source, { identity })
      return identity
    },
  }
}

/** What guards the process stays: it has to survive a mistake of the operator's own people. */
function withoutShape(limits: DocumentLimits): DocumentLimits {
  return {
    ...limits,
    tokens: Infinity,
    depth: Infinity,
    aliases: Infinity,
    rootFields: Infinity,
    directives: Infinity,
    operations: Infinity,
    fragments: Infinity,
    variables: Infinity,
  }
}

/**
 * Turns an exhausted stack into a refusal.
 *
 * Within the default limits no document gets that far; limits that an operator raised might let one through.
 */
function withinStack<T>(logger: Logger, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    logger.warn({ err: error }, 'a document within the limits exhausted the stack; lower documents.limits')
    throw new GatewayError('MAX_DEPTH_LIMIT', 'The document is nested too deeply.')
  }
}
