import { GraphQLError, parse, Source, type DocumentNode } from 'graphql'
import { GatewayError } from '../kernel/gateway-error.js'
import { toDetail } from './error-detail.js'
import { LimitedLexer } from './limited-lexer.js'
import type { DocumentLimits } from './options.js'

/**
 * Parses a document, within `limits` where it comes from a client.
 *
 * Raises GRAPHQL_PARSE_FAILED with the position, or the code of the limit that was reached.
 */
export function parseDocument(text: string, limits: DocumentLimits | undefined): DocumentNode {
  const source = new Source(text)
  try {
    if (limits === undefined) return parse(source)
    return parse(source, { lexer: new LimitedLexer(source, limits), maxComments: limits.tokens })
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const { message, locations } = toDetail(error)
    throw new GatewayError('GRAPHQL_PARSE_FAILED', message, locations === undefined ? {} : { locations })
  }
}
