import type { IncomingHttpHeaders } from 'node:http'
import { GatewayError } from '../kernel/gateway-error.js'
import { isRecord } from '../kernel/is-record.js'
import type { Json, JsonObject } from '../kernel/json.js'
import type { OperationRequest } from '../kernel/operation.js'
import { essenceOf } from './content-type.js'
import type { HttpOptions } from './options.js'
import { assertShallow, parseJson } from './parse-json.js'

/** Shorter text cannot be nested deeply enough to hurt anybody. */
const HARMLESS_CHARACTERS = 1_000

/** The options that reading depends on. */
export interface RequestRules {
  /** Deepest nesting of variables and extensions. */
  readonly depthLimit: number
  /** Parameters that may name a trusted document; the first that is there counts. */
  readonly documentIdParameters: readonly string[]
}

/** Those of a server, the same for every way in. */
export function rulesOf({ limits, documentIdParameters }: HttpOptions): RequestRules {
  return { depthLimit: limits.jsonDepth, documentIdParameters }
}

/** Reads the parameters of a POST (GraphQL over HTTP §5.4); raises BAD_REQUEST where a shape is wrong. */
export function readPostedRequest(body: Buffer, rules: RequestRules): OperationRequest {
  const { depthLimit } = rules
  if (body.length === 0) throw new GatewayError('BAD_REQUEST', 'The body is empty.')
  const parsed = parseJson(body, 'The body')
  if (Array.isArray(parsed)) throw new GatewayError('BAD_REQUEST', 'Batching is not enabled.')
  if (!isRecord(parsed)) throw new GatewayError('BAD_REQUEST', 'The body must be a JSON object.')
  if (body.length > HARMLESS_CHARACTERS) {
    assertShallow(parsed['variables'], depthLimit, '`variables`')
    assertShallow(parsed['extensions'], depthLimit, '`extensions`')
  }
  return readParameters(parsed, rules)
}

/** Reads the parameters of a parsed request, whatever it came in; raises BAD_REQUEST where a shape is wrong. */
export function readParameters(parameters: JsonObject, rules: RequestRules): OperationRequest {
  return toOperationRequest((name) => parameters[name], rules, false)
}

/** Reads the parameters of a GET from the query string (GraphQL over HTTP §5.3). */
export function readQueryString(query: URLSearchParams, rules: RequestRules): OperationRequest {
  const { depthLimit, documentIdParameters } = rules
  const read = (name: string): Json | undefined => {
    const values = query.getAll(name)
    if (values.length > 1) throw new GatewayError('BAD_REQUEST', `\`${name}\` may be given only once.`)
    const [value] = values
    if (value === undefined || name === 'query' || documentIdParameters.includes(name)) return value
    if (name === 'operationName') return value === '' ? undefined : value
    const parsed = parseJson(value, `\`${name}\``)
    assertShallow(parsed, depthLimit, `\`${name}\``)
    return parsed
  }
  return toOperationRequest(read, rules, true)
}

/** A GET may name a type only if no page can send it unasked (Apollo Server GHSA-9q82-xgwf-vj6h). */
export function assertQueryContentType(headers: IncomingHttpHeaders): void {
  const contentType = headers['content-type']
  if (contentType === undefined || essenceOf(contentType) === 'application/json') return
  throw new GatewayError(
    'UNSUPPORTED_MEDIA_TYPE',
    'A GET request may have no Content-Type other than application/json.',
  )
}

function toOperationRequest(
  read: (name: string) => Json | undefined,
  { documentIdParameters }: Pick<RequestRules, 'documentIdParameters'>,
  readOnly: boolean,
): OperationRequest {
  const query = textOrAbsent('query', read('query'))
  const operationName = textOrAbsent('operationName', read('operationName'))
  const variables = objectOrAbsent('variables', read('variables'))
  const extensions = objectOrAbsent('extensions', read('extensions'))
  const documentId = readDocumentId(read, documentIdParameters)
  if ((query === undefined || query === '') && documentId === undefined && !namesStoredDocument(extensions)) {
    throw new GatewayError('BAD_REQUEST', 'The request has no `query`.')
  }
  return { query, documentId, operationName, variables, extensions, readOnly }
}

function readDocumentId(
  read: (name: string) => Json | undefined,
  parameters: readonly string[],
): string | undefined {
  for (const name of parameters) {
    const id = textOrAbsent(name, read(name))
    if (id !== undefined && id !== '') return id
  }
  return undefined
}

/** Without a text, only something in `extensions` can say which document is meant. */
function namesStoredDocument(extensions: JsonObject | undefined): boolean {
  return extensions !== undefined && Object.keys(extensions).length > 0
}

/** Null counts as absent (GraphQL over HTTP §5.2). */
export function textOrAbsent(name: string, value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new GatewayError('BAD_REQUEST', `\`${name}\` must be a string.`)
}

export function objectOrAbsent(name: string, value: Json | undefined): JsonObject | undefined {
  if (value === undefined || value === null) return undefined
  if (isRecord(value)) return value
  throw new GatewayError('BAD_REQUEST', `\`${name}\` must be an object.`)
}
