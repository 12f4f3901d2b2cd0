import { GraphQLError, Kind, validate, type DocumentNode, type GraphQLSchema } from 'graphql'
import { GatewayError, type ErrorDetail } from '../kernel/gateway-error.js'
import { toDetail } from './error-detail.js'
import { allRules } from './rules-together.js'

/** Findings reported for one document; validation stops there. */
const MAX_FINDINGS = 20

/** Raises GRAPHQL_VALIDATION_FAILED with one detail per finding where the document does not fit the schema. */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode, suggestions: boolean): void {
  const findings = findingsOf(schema, document, suggestions)
  if (findings.length === 0) return
  throw new GatewayError('GRAPHQL_VALIDATION_FAILED', 'The document does not fit the schema.', {
    details: findings.map(toFinding),
  })
}

function findingsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  suggestions: boolean,
): readonly GraphQLError[] {
  try {
    return validate(schema, document, [allRules], { maxErrors: MAX_FINDINGS, hideSuggestions: !suggestions })
  } catch (error) {
    // The rule for subscriptions reads @skip and @include, and throws where another rule would find fault with them.
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

const INCREMENTAL_DELIVERY: ReadonlySet<string> = new Set(['defer', 'stream'])

/** Says of directives that clients may expect to be known why they are not. */
function toFinding(error: GraphQLError): ErrorDetail {
  const detail = toDetail(error)
  const node = error.nodes?.[0]
  if (node?.kind !== Kind.DIRECTIVE || !INCREMENTAL_DELIVERY.has(node.name.value)) return detail
  const message = `Incremental delivery is not supported by this gateway: @${node.name.value} has to be left out.`
  return { ...detail, message }
}
