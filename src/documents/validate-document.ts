import { specifiedRules, validate, type DocumentNode, type GraphQLSchema } from 'graphql'
import { GatewayError } from '../kernel/gateway-error.js'
import { toDetail } from './error-detail.js'

/** Findings reported for one document; validation stops there. */
const MAX_FINDINGS = 20

/** Raises GRAPHQL_VALIDATION_FAILED with one detail per finding where the document does not fit the schema. */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode, suggestions: boolean): void {
  const findings = validate(schema, document, specifiedRules, {
    maxErrors: MAX_FINDINGS,
    hideSuggestions: !suggestions,
  })
  if (findings.length === 0) return
  throw new GatewayError('GRAPHQL_VALIDATION_FAILED', 'The document does not fit the schema.', {
    details: findings.map(toDetail),
  })
}
