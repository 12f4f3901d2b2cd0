import type { Reply } from '../kernel/reply.js'
import type { LoggedFacts } from './exchange.js'

/** Notes what the access log says of an operation. */
export function noteReply(logged: LoggedFacts, reply: Reply): void {
  logged.operationName = reply.operation?.name
  logged.operationHash = reply.operation?.hash
  logged.principalKind = reply.principal?.kind
  logged.tenant = reply.principal?.tenant
  logged.keyId = reply.principal?.apiKey?.id
  logged.keyName = reply.principal?.apiKey?.name
  logged.cache = reply.cacheStatus
  logged.errorCodes = errorCodesOf(reply)
}

function errorCodesOf({ refusal, answer }: Reply): readonly string[] | undefined {
  if (refusal !== undefined) return [refusal.code]
  // Errors are written first (kernel/answer.ts); a long answer without any is not parsed for the log's sake.
  if (!answer.text.startsWith('{"errors":')) return undefined
  return [...new Set(answer.body.errors?.map((error) => error.extensions.code))]
}
