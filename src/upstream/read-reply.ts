import { NO_STORE } from '../kernel/decisions.js'
import { isRecord } from '../kernel/is-record.js'
import { ownValue, type Json, type JsonObject } from '../kernel/json.js'
import type { PassedHeader, SubgraphReply, SubgraphReplyError } from '../kernel/upstream-call.js'
import { readCacheControl } from './cache-control.js'
import { isSuccess, malformed, statusFault, type ReplyHead } from './reply-head.js'
import type { Outcome } from './send-call.js'

/**
 * Makes a checked reply of the body of an HTTP reply, or says what is wrong with it.
 *
 * Follows GraphQL over HTTP §6: a JSON body with `errors` is a GraphQL reply whatever the status; without them an
 * error status is a failed request.
 */
export function readReply(
  subgraph: string,
  head: ReplyHead,
  body: Buffer,
  passed: readonly PassedHeader[] | undefined,
): Outcome {
  const { status } = head
  const text = body.toString('utf8')
  const parsed = parseJson(text)
  const answer = parsed === undefined ? undefined : toAnswer(parsed)
  if (answer === undefined || (!isSuccess(status) && answer.errors.length === 0)) {
    if (!isSuccess(status)) return statusFault(subgraph, status)
    return malformed(subgraph, parsed === undefined ? 'not JSON' : 'not the shape of a GraphQL answer')
  }
  // What brings a cookie is meant for one client, whatever it says of caches.
  const cachePolicy = head.setsCookie ? NO_STORE : readCacheControl(head.cacheControl)
  return { text, ...answer, cachePolicy, passed }
}

/** Reads a reply once more from its text, for a caller who wants data of his own. */
export function readAgain(subgraph: string, { text, cachePolicy, passed }: SubgraphReply): Outcome {
  const parsed = parseJson(text)
  const answer = parsed === undefined ? undefined : toAnswer(parsed)
  return answer === undefined
    ? malformed(subgraph, 'not readable twice')
    : { text, ...answer, cachePolicy, passed }
}

/** Reads one event of a subscription, of the same form as a reply. */
export function readEvent(subgraph: string, text: string): Outcome {
  const parsed = parseJson(text)
  const answer = parsed === undefined ? undefined : toAnswer(parsed)
  return answer === undefined
    ? malformed(subgraph, 'an event is not a GraphQL answer')
    : { text, ...answer, cachePolicy: undefined }
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

type Answer = Pick<SubgraphReply, 'data' | 'errors' | 'isBare'>

/** GraphQL specification §7.1: `data` is a map or null, `errors` a list that is not empty when there is no data. */
function toAnswer(parsed: Json): Answer | undefined {
  if (!isRecord(parsed)) return undefined
  const data = ownValue(parsed, 'data') ?? null
  const errors = readErrors(ownValue(parsed, 'errors'))
  if (errors === undefined || (data !== null && !isRecord(data))) return undefined
  if (data === null) return errors.length === 0 ? undefined : { data, errors }
  return { data, errors, isBare: Object.keys(parsed).length === 1 }
}

/** No list, or an entry that is not an object: `undefined`. Some servers send `errors: null` for none. */
function readErrors(value: Json | undefined): readonly SubgraphReplyError[] | undefined {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return undefined
  const errors: SubgraphReplyError[] = []
  for (const entry of value as readonly Json[]) {
    if (!isRecord(entry)) return undefined
    errors.push(readError(entry))
  }
  return errors
}

function readError(entry: JsonObject): SubgraphReplyError {
  const message = ownValue(entry, 'message')
  const path = ownValue(entry, 'path')
  const extensions = ownValue(entry, 'extensions')
  const code = isRecord(extensions) ? ownValue(extensions, 'code') : undefined
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
