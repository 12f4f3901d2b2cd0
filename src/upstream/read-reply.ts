import type { Json, JsonObject } from '../kernel/json.js'
import type { SubgraphReply, SubgraphReplyError } from '../kernel/upstream-call.js'
import { readCacheControl } from './cache-control.js'
import type { RawReply } from './exchange.js'
import { inflate, isKnownEncoding } from './inflate.js'
import { SubgraphFault } from './subgraph-fault.js'

const JSON_TYPES: ReadonlySet<string> = new Set(['application/json', 'application/graphql-response+json'])

/** Statuses with which a proxy or a server in trouble asks for another attempt. */
const REPEATABLE_STATUSES: ReadonlySet<number> = new Set([502, 503])

/**
 * Makes a checked reply of an HTTP reply, or says what is wrong with it.
 *
 * Follows GraphQL over HTTP §6: a body of a JSON media type with `errors` is a GraphQL reply whatever the
 * status; any other error status is a failed request. Redirects are never followed.
 */
export function readReply(
  subgraph: string,
  raw: RawReply,
  maxBytes: number,
): SubgraphReply | Promise<SubgraphReply> {
  const fault = judgeHead(subgraph, raw)
  if (fault !== undefined) throw fault
  if (raw.contentEncoding === '' || raw.contentEncoding === 'identity')
    return readBody(subgraph, raw, raw.body)
  return readInflated(subgraph, raw, maxBytes)
}

function judgeHead(subgraph: string, raw: RawReply): SubgraphFault | undefined {
  if (isRedirect(raw.status) || REPEATABLE_STATUSES.has(raw.status)) return statusFault(subgraph, raw.status)
  if (!JSON_TYPES.has(mediaType(raw.contentType))) {
    return isSuccess(raw.status)
      ? malformed(subgraph, 'not a JSON media type')
      : statusFault(subgraph, raw.status)
  }
  const { contentEncoding } = raw
  const plain = contentEncoding === '' || contentEncoding === 'identity'
  return plain || isKnownEncoding(contentEncoding)
    ? undefined
    : malformed(subgraph, 'unknown content encoding')
}

async function readInflated(subgraph: string, raw: RawReply, maxBytes: number): Promise<SubgraphReply> {
  let body: Buffer
  try {
    body = await inflate(raw.body, raw.contentEncoding, maxBytes)
  } catch (cause) {
    throw malformed(subgraph, 'content encoding cannot be undone, or the result is too large', cause)
  }
  return readBody(subgraph, raw, body)
}

function readBody(subgraph: string, raw: RawReply, body: Buffer): SubgraphReply {
  const text = body.toString('utf8')
  const parsed = parseJson(text)
  const reply = parsed === undefined ? undefined : toReply(text, parsed, raw)
  if (reply === undefined || (!isSuccess(raw.status) && reply.errors.length === 0)) {
    throw isSuccess(raw.status)
      ? malformed(subgraph, parsed === undefined ? 'not JSON' : 'not the shape of a GraphQL answer')
      : statusFault(subgraph, raw.status)
  }
  return reply
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** GraphQL specification §7.1: `data` is a map or null, `errors` a list that is not empty when there is no data. */
function toReply(text: string, parsed: Json, raw: RawReply): SubgraphReply | undefined {
  if (!isObject(parsed)) return undefined
  const data = ownValue(parsed, 'data') ?? null
  const errors = readErrors(ownValue(parsed, 'errors'))
  if (errors === undefined || (data !== null && !isObject(data))) return undefined
  if (data === null && errors.length === 0) return undefined
  return { text, data, errors, cachePolicy: readCacheControl(raw.cacheControl) }
}

/** No list, or an entry that is not an object: `undefined`. Some servers send `errors: null` for none. */
function readErrors(value: Json | undefined): readonly SubgraphReplyError[] | undefined {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return undefined
  const errors: SubgraphReplyError[] = []
  for (const entry of value as readonly Json[]) {
    if (!isObject(entry)) return undefined
    errors.push(readError(entry))
  }
  return errors
}

function readError(entry: JsonObject): SubgraphReplyError {
  const message = ownValue(entry, 'message')
  const path = ownValue(entry, 'path')
  const extensions = ownValue(entry, 'extensions')
  const code = isObject(extensions) ? ownValue(extensions, 'code') : undefined
  return {
    message: typeof message === 'string' ? message : '',
    ...(isPath(path) ? { path } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(extensions === undefined || extensions === null ? {} : { extensions }),
  }
}

function isPath(value: Json | undefined): value is (string | number)[] {
  return (
    Array.isArray(value) &&
    (value as readonly Json[]).every((step) => typeof step === 'string' || Number.isSafeInteger(step))
  )
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ownValue(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function mediaType(contentType: string): string {
  const end = contentType.indexOf(';')
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300
const isRedirect = (status: number): boolean => status >= 300 && status < 400

function malformed(subgraph: string, reason: string, cause?: unknown): SubgraphFault {
  return new SubgraphFault('SUBREQUEST_MALFORMED_RESPONSE', subgraph, { reason, blames: true, cause })
}

function statusFault(subgraph: string, status: number): SubgraphFault {
  return new SubgraphFault('SUBREQUEST_HTTP_ERROR', subgraph, {
    reason: `status ${status}`,
    // 4xx judges our request, not the subgraph's health.
    blames: status < 400 || status >= 500,
    repeatable: REPEATABLE_STATUSES.has(status),
  })
}
