import { Kind, type DocumentNode, type OperationDefinitionNode } from 'graphql'
import { GatewayError } from '../kernel/gateway-error.js'
import { hashOperation } from '../kernel/hash-operation.js'
import type { OperationRecord } from '../kernel/operation.js'
import { clip } from './error-detail.js'
import type { Introspecting } from './introspection.js'

/** A valid document and the records of its operations, which stay the same objects as long as it is remembered. */
export interface KnownDocument {
  readonly document: DocumentNode
  readonly named: ReadonlyMap<string, OperationRecord>
  /** The operation, where the document has one only. */
  readonly only: OperationRecord | undefined
  readonly introspecting: Introspecting
}

export function toKnownDocument(
  source: string,
  document: DocumentNode,
  introspecting: Introspecting,
): KnownDocument {
  const records = document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((operation) => toRecord(source, document, operation))
  return {
    document,
    introspecting,
    named: new Map(records.flatMap((record) => (record.name === undefined ? [] : [[record.name, record]]))),
    only: records.length === 1 ? records[0] : undefined,
  }
}

/** Finds the operation to run (GraphQL specification §6.1, GetOperation) or raises OPERATION_RESOLUTION_FAILURE. */
export function selectOperation(known: KnownDocument, operationName: string | undefined): OperationRecord {
  const record = operationName === undefined ? known.only : known.named.get(operationName)
  if (record !== undefined) return record
  throw new GatewayError(
    'OPERATION_RESOLUTION_FAILURE',
    operationName === undefined
      ? 'The document has several operations; name one in operationName.'
      : clip(`The document has no operation named "${operationName}".`),
  )
}

function toRecord(
  source: string,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): OperationRecord {
  const name = operation.name?.value
  return { hash: hashOperation(source, name), name, type: operation.operation, document, operation, source }
}
