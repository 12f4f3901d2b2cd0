import type { Reply } from '../kernel/reply.js'

/** Facts that whoever answers may add to the access log; never texts, variables or credentials. */
export interface LoggedFacts {
  operationName: string | undefined
  operationHash: string | undefined
  principalKind: string | undefined
  tenant: string | undefined
  keyId: string | undefined
  keyName: string | undefined
  cache: string | undefined
  errorCodes: readonly string[] | undefined
  clientName: string | undefined
  /** Of a response that was a stream: how many answers it had, and why it ended. */
  events: number | undefined
  streamEnd: string | undefined
}

/** Nothing known yet. Every fact has its place from the start: adding one to an object later is slow on Node 20. */
export function createLoggedFacts(): LoggedFacts {
  return {
    operationName: undefined,
    operationHash: undefined,
    principalKind: undefined,
    tenant: undefined,
    keyId: undefined,
    keyName: undefined,
    cache: undefined,
    errorCodes: undefined,
    clientName: undefined,
    events: undefined,
    streamEnd: undefined,
  }
}

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
  const { errors } = answer
  return errors && [...new Set(errors.map((error) => error.extensions.code))]
}
