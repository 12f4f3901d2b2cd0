import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import type { JsonObject } from './json.js'

/** What a client asked for, as it stood in the request; nothing of it is trusted yet. */
export interface OperationRequest {
  readonly query?: string | undefined
  /** Names a trusted document (GraphQL over HTTP, appendix on persisted documents). */
  readonly documentId?: string | undefined
  readonly operationName?: string | undefined
  readonly variables?: JsonObject | undefined
  readonly extensions?: JsonObject | undefined
  /** True for GET: only queries are admitted (GraphQL over HTTP §5.1). */
  readonly readOnly: boolean
}

/**
 * One executable operation: parsed, validated against the API schema of one generation, within the limits.
 *
 * Made once per document and operation name, then shared by every request that sends the same text; all that
 * later stages learn of it they keep in a WeakMap keyed by this record.
 */
export interface OperationRecord {
  /** Hex SHA-256 over text and operation name; names the record in caches and logs. */
  readonly hash: string
  readonly name: string | undefined
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** The text that was parsed. */
  readonly source: string
}

/** Why a document is trusted: it ships with the gateway, or the operator listed it. */
export type DocumentTrust = 'stored' | 'trusted'

/** Variable values after coercion (GraphQL specification §6.1.2): defaults applied, unknown names gone. */
export type VariableValues = JsonObject
