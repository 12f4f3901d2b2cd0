import { Answer, type AnswerBody } from '../../kernel/answer.js'
import type { Fetched, Shaped } from '../../kernel/contexts.js'
import type { Denial } from '../../kernel/denial.js'
import type { AnswerError } from '../../kernel/gateway-error.js'
import type { JsonObject } from '../../kernel/json.js'
import type { OperationRecord } from '../../kernel/operation.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { Metrics } from '../../kernel/ports/metrics.js'
import type { Stage } from '../../kernel/stage.js'
import type { Supergraph } from '../../kernel/supergraph.js'
import { ErrorLedger } from '../error-ledger.js'
import { PLAIN_LAYOUT } from '../../kernel/read-field.js'
import type { ExecutionOptions } from '../options.js'
import type { ResponsePath } from '../response-path.js'
import { growDenialTree } from './denial-tree.js'
import type { ResponseGuide } from './response-guide.js'
import { prepareOperation, type OperationShape } from './shape-program.js'
import { SharedAnswers } from './shared-answers.js'
import { Shaping } from './shaping.js'

/** Makes the stage that projects what subgraphs gave onto what the client asked, by the API schema. */
export function createShapeStage(
  options: ExecutionOptions,
  ports: { readonly supergraph: Supergraph; readonly logger: Logger; readonly metrics: Metrics },
): Stage<Fetched, Shaped> {
  const shapes = new WeakMap<OperationRecord, OperationShape>()
  const answers = new SharedAnswers()

  function shapeOf(record: OperationRecord): OperationShape {
    const known = shapes.get(record)
    if (known) return known
    const shape = prepareOperation(ports.supergraph, record)
    shapes.set(record, shape)
    return shape
  }

  function run(context: Fetched): Shaped {
    const shape = shapeOf(context.operation)
    const ledger = openLedger(context, shape.guide, options.maxErrors)
    const answer = answers.get(
      context,
      () => write(context, shape, ledger) ?? complete(context, shape, ledger),
    )
    for (const error of ledger.errors) ports.metrics.countError(error.extensions.code)
    if (ledger.omitted > 0) {
      const facts = { requestId: context.requestId, omitted: ledger.omitted }
      ports.logger.warn(facts, 'answer has more errors than it may show')
    }
    return { ...context, answer }
  }

  return { name: 'shape', run }
}

/** The answer in one go, where no field is refused and no value of the data causes an error. */
function write(context: Fetched, shape: OperationShape, { errors }: ErrorLedger): Answer | undefined {
  const { outcome, variables, denials } = context
  const { data, layout = PLAIN_LAYOUT, isEscapeFree = false, soleText } = outcome
  if (data === null || denials.length > 0) return undefined
  const program = shape.programFor(variables, layout)
  if (soleText !== undefined && errors.length === 0 && program.isWhole?.(data) === true) {
    // Many servers end their replies with a line break.
    return Answer.fromText(soleText.trimEnd())
  }
  const text = program.write(data, isEscapeFree)
  if (text === undefined) return undefined
  return Answer.fromText(
    `{${errors.length === 0 ? '' : `"errors":${JSON.stringify(errors)},`}"data":${text}}`,
  )
}

function complete(context: Fetched, shape: OperationShape, ledger: ErrorLedger): Answer {
  const data = completeData(context, shape, ledger)
  return Answer.fromBody(toBody(data, ledger.errors))
}

function completeData(context: Fetched, shape: OperationShape, ledger: ErrorLedger): JsonObject | null {
  const { outcome, variables, denials } = context
  if (outcome.data === null) return null
  const program = shape.programFor(variables, outcome.layout ?? PLAIN_LAYOUT)
  const shaping = new Shaping(ledger, program.introspect?.(variables) ?? {})
  const root = { parent: undefined, key: '', denials: growDenialTree(denials) }
  // What has been completed holds nothing that JSON cannot.
  return (program.complete(outcome.data, root, shaping) ?? null) as JsonObject | null
}

/** Starts with what is known before shaping: refusals first, since no cap may hide them behind faults. */
function openLedger({ denials, outcome }: Fetched, guide: ResponseGuide, maxErrors: number): ErrorLedger {
  const ledger = new ErrorLedger(maxErrors)
  for (const denial of denials) {
    const error = toAnswerError(denial, guide)
    ledger.add(error)
    if (error.path) ledger.explain(error.path)
  }
  for (const error of outcome.errors) {
    ledger.add(toClientError(error, guide))
    if (error.path) ledger.explain(toClientKeys(error.path, guide))
  }
  for (const path of outcome.explained ?? []) ledger.explain(toClientKeys(path, guide))
  return ledger
}

/** One error per refused field, however many list items it would have had, or none (notes on semantics §1.2). */
function toAnswerError(denial: Denial, guide: ResponseGuide): AnswerError {
  return {
    message: denial.message,
    path: guide.markLists(denial.path),
    extensions: { ...denial.extensions, code: denial.code },
  }
}

/** The whole path, with the client's keys as far as the client asked for it. */
function toClientKeys(path: ResponsePath, guide: ResponseGuide): ResponsePath {
  const known = guide.toClientPath(path)
  return [...known, ...path.slice(known.length)]
}

function toClientError(error: AnswerError, guide: ResponseGuide): AnswerError {
  if (!error.path) return error
  const { path, ...rest } = error
  const trimmed = guide.toClientPath(path)
  return trimmed.length === 0 ? rest : { ...rest, path: trimmed }
}

function toBody(data: JsonObject | null, errors: readonly AnswerError[]): AnswerBody {
  return errors.length === 0 ? { data } : { errors, data }
}
