import { GatewayError, type AnswerError } from '../../kernel/gateway-error.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { SubgraphReplyError } from '../../kernel/upstream-call.js'
import type { ExecutionOptions } from '../options.js'
import type { ResponsePath } from '../response-path.js'
import type { Run } from './run.js'

/** Where in the answer a fetch delivers. */
export interface FetchPlace {
  readonly subgraph: string
  /** Every position that stays empty when the fetch fails; the first one names the failure. */
  readonly positions: () => readonly ResponsePath[]
}

/** Turns what goes wrong with a fetch into errors that clients may read. */
export interface FaultReporter {
  /** The fetch as a whole failed. REQUEST_CANCELLED is thrown on: it ends the request. */
  readonly failed: (run: Run, place: FetchPlace, fault: unknown) => void
  /** The subgraph answered, with errors. `locate` gives the client's paths for one, or none if unknown. */
  readonly reported: (
    run: Run,
    place: FetchPlace,
    errors: readonly SubgraphReplyError[],
    locate: (error: SubgraphReplyError) => readonly ResponsePath[],
  ) => void
}

/** Raw errors of one reply that the log shows; a subgraph may report thousands. */
const MAX_LOGGED_ERRORS = 10
/** Characters of a subgraph's message that a client gets. */
const MAX_MESSAGE_LENGTH = 1_000

export function createFaultReporter(options: ExecutionOptions, logger: Logger): FaultReporter {
  const exposedCodes = new Set(options.exposedErrorCodes)

  function failed(run: Run, place: FetchPlace, fault: unknown): void {
    if (fault instanceof GatewayError && fault.code === 'REQUEST_CANCELLED') throw fault
    const { subgraph } = place
    const refusal = fault instanceof GatewayError ? fault : unexpected()
    logger.warn({ requestId: run.caller.requestId, subgraph, code: refusal.code, err: fault }, 'fetch failed')
    report(run, place.positions(), {
      message: refusal.message,
      extensions: { code: refusal.code, service: subgraph },
    })
  }

  function reported(
    run: Run,
    place: FetchPlace,
    errors: readonly SubgraphReplyError[],
    locate: (error: SubgraphReplyError) => readonly ResponsePath[],
  ): void {
    const { subgraph } = place
    const shown = errors.slice(0, MAX_LOGGED_ERRORS)
    logger.warn(
      { requestId: run.caller.requestId, subgraph, count: errors.length, errors: shown },
      'subgraph reported errors',
    )
    for (const [index, error] of errors.entries()) {
      if (run.errors.isFull) {
        run.errors.omit(errors.length - index)
        return
      }
      const visible = toVisible(error, subgraph, exposedCodes)
      const paths = locate(error)
      for (const path of paths) report(run, [path], visible)
      if (paths.length === 0) report(run, place.positions(), visible)
    }
  }

  return { failed, reported }
}

/** One error at the first position, which explains the others too. */
function report(run: Run, positions: readonly ResponsePath[], error: AnswerError): void {
  const [path] = positions
  run.errors.add(path ? { message: error.message, path, extensions: error.extensions } : error)
  for (const position of positions) run.errors.explain(position)
}

function toVisible(
  error: SubgraphReplyError,
  subgraph: string,
  exposedCodes: ReadonlySet<string>,
): AnswerError {
  if (error.code !== undefined && exposedCodes.has(error.code)) {
    return {
      message: error.message.slice(0, MAX_MESSAGE_LENGTH),
      extensions: { code: error.code, service: subgraph },
    }
  }
  return {
    message: `Subgraph '${subgraph}' reported an error.`,
    extensions: { code: 'SUBGRAPH_ERROR', service: subgraph },
  }
}

function unexpected(): GatewayError {
  return new GatewayError('INTERNAL_SERVER_ERROR', 'An unexpected fault; the log has it.')
}
