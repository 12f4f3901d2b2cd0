import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Generation } from '../kernel/generation.js'
import type { OperationRecord } from '../kernel/operation.js'
import type { Endpoint } from './define-endpoint.js'
import { createParameterReader, type ReadParameters } from './parameters.js'

/** An endpoint with the text of its operation. */
export interface LoadedEndpoint {
  readonly endpoint: Endpoint
  readonly source: string
}

/** An endpoint made ready for one generation: its operation is known to fit the graph. */
export interface PreparedEndpoint {
  readonly endpoint: Endpoint
  readonly operation: OperationRecord
  readonly readParameters: ReadParameters
}

/** Reads the `.graphql` file that lies beside the endpoint's module. */
export async function readStoredOperation(endpoint: Endpoint): Promise<LoadedEndpoint> {
  const file = fileURLToPath(endpoint.module).replace(/\.(m?js|ts)$/, '.graphql')
  return { endpoint, source: await readFile(file, 'utf8') }
}

/** Validates the operation against a generation; raises GatewayError when it does not fit. */
export function prepareEndpoint(loaded: LoadedEndpoint, generation: Generation): PreparedEndpoint {
  const operation = generation.resolveStored(loaded.source)
  return {
    endpoint: loaded.endpoint,
    operation,
    readParameters: createParameterReader(operation.operation, generation.apiSchema),
  }
}
