import type { SubgraphReplyError } from '../../kernel/upstream-call.js'
import type { ResponsePath } from '../response-path.js'

const NAME = /^[_A-Za-z][_0-9A-Za-z]{0,127}$/

/** The path of a subgraph's error as far as it can be a path: names and list positions, nothing else. */
export function readErrorPath(error: SubgraphReplyError): ResponsePath {
  const path = error.path ?? []
  const end = path.findIndex((step) => !isStep(step))
  return end === -1 ? path : path.slice(0, end)
}

function isStep(step: unknown): boolean {
  return typeof step === 'string' ? NAME.test(step) : Number.isSafeInteger(step) && Number(step) >= 0
}
