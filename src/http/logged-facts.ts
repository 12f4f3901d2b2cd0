import type { Reply } from '../kernel/reply.js'
import type { LoggedFacts } from './exchange.js'

/** What the access log says of an operation. */
export function loggedFacts(reply: Reply): LoggedFacts {
  return {
    operationName: reply.operation?.name,
    operationHash: reply.operation?.hash,
    principalKind: reply.principal?.kind,
    tenant: reply.principal?.tenant,
    cache: reply.cacheStatus,
    errorCodes: errorCodesOf(reply),
  }
}

function errorCodesOf({ refusal, answer }: Reply): readonly string[] | undefined {
  if (refusal !== undefined) return [refusal.code]
  // Errors are written first (kernel/answer.ts); a long answer without any is not parsed for the log's sake.
  if (!answer.text.startsWith('{"errors":')) return undefined
  return [...new Set(answer.body.errors?.map((error) => error.extensions.code))]
}
