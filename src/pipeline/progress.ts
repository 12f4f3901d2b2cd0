import type { OperationRecord } from '../kernel/operation.js'
import type { Principal } from '../kernel/principal.js'

/** How far a request came, so that a refusal can be logged with what was known by then. */
export interface Progress {
  principal: Principal | undefined
  operation: OperationRecord | undefined
}

export function createProgress(): Progress {
  return { principal: undefined, operation: undefined }
}

/** Notes what the context knows beyond the request itself. */
export function noteStation(
  progress: Progress,
  context: { readonly principal: Principal; readonly operation?: OperationRecord },
): void {
  progress.principal = context.principal
  progress.operation = context.operation
}
