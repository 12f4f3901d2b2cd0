import type { GraphQLSchema } from 'graphql'
import type { Admitted, Resolved } from '../kernel/contexts.js'
import { GatewayError } from '../kernel/gateway-error.js'
import type { DocumentTrust, OperationRecord } from '../kernel/operation.js'
import { SYSTEM_CLOCK, type Clock } from '../kernel/ports/clock.js'
import type { Logger } from '../kernel/ports/logger.js'
import { NO_METRICS, type Metrics } from '../kernel/ports/metrics.js'
import { andThenWith, type Stage } from '../kernel/stage.js'
import { coerceVariables, type CoerceVariablesRules } from './coerce-variables.js'
import { createMayIntrospect, type Introspecting } from './introspection.js'
import { selectOperation, toKnownDocument, type KnownDocument } from './known-document.js'
import { createLearnedTexts, type LearnedTexts } from './learned-texts.js'
import type { DocumentsOptions } from './options.js'
import { parseDocument } from './parse-document.js'
import { notInList, notSupported } from './persisted-refusals.js'
import { createPreparedTexts } from './prepared-texts.js'
import { readRequestedDocument } from './requested-document.js'
import { createResolveLearned } from './resolve-learned.js'
import { findUnfit } from './trusted/find-unfit.js'
import { createModeOf } from './trusted/ladder.js'
import { createResolveTrusted, type FoundDocument } from './trusted/resolve-trusted.js'
import type { TrustedDocument } from './trusted/trusted-document.js'
import type { TrustedSource } from './trusted/trusted-source.js'
import { createUnlistedLog } from './trusted/unlisted-log.js'
import { validateDocument } from './validate-document.js'

export interface DocumentsPorts {
  readonly apiSchema: GraphQLSchema
  readonly logger: Logger
  readonly production: boolean
  readonly clock?: Clock
  readonly metrics?: Metrics
  /** Texts that clients registered, which outlive a generation; its own where none are given. */
  readonly learned?: LearnedTexts
  /** Absent where no documents are trusted and all callers may send what they like. */
  readonly trusted?: Pick<TrustedSource, 'current'> | undefined
}

export interface Documents {
  readonly stage: Stage<Admitted, Resolved>
  /** Parses and validates an operation that ships with the gateway, without limits; raises GatewayError. */
  readonly resolveStored: (source: string, operationName?: string) => OperationRecord
  /** Texts of trusted documents that are to be planned ahead of their first request, each once. */
  readonly textsAhead: () => readonly string[]
  /**
   * What a request for a trusted document with this text will run, and remembers it as one does; raises GatewayError
   * where it does not fit, and where the request has to say which of several operations it means.
   */
  readonly resolveAhead: (source: string) => OperationRecord
  /** What keeps trusted documents from being run on this generation, a sentence for each; all by default. */
  readonly findUnfit: (documents?: readonly TrustedDocument[]) => Promise<readonly string[]>
}

/** Who asks a stored operation is not looked at: it says what its author wants to be seen. */
const NOTHING_INTROSPECTS: Introspecting = new Set()

/** Makes the resolveDocument stage of one generation: from text or id to an operation with its variables. */
export function createDocuments(options: DocumentsOptions, ports: DocumentsPorts): Documents {
  const { apiSchema, logger, production, trusted, metrics = NO_METRICS, clock = SYSTEM_CLOCK } = ports
  const mayIntrospect = createMayIntrospect(options.introspection, production)
  const texts = createPreparedTexts(options, {
    apiSchema,
    logger,
    exempt: options.trusted.exemptFromShapeLimits ? trusted?.current : undefined,
  })
  const resolveLearned = createResolveLearned({
    enabled: options.apq.enabled,
    learned: ports.learned ?? createLearnedTexts(options.apq),
    resolve: texts.resolve,
    unsupported: trusted === undefined ? notSupported : notInList,
  })
  const resolveTrusted =
    trusted &&
    createResolveTrusted({
      current: trusted.current,
      modeOf: createModeOf(options.trusted),
      texts,
      resolveLearned,
      mayIntrospect,
      noteUnlisted: createUnlistedLog(logger, clock),
      metrics,
    })
  const variableRules: CoerceVariablesRules = {
    schema: apiSchema,
    suggestions: options.suggestions,
    maxDepth: options.limits.variableDepth,
    maxValues: options.limits.variableValues,
  }

  const withOperation = (
    context: Admitted,
    operation: OperationRecord,
    trust: DocumentTrust | undefined,
  ): Resolved => {
    const { request } = context
    if (request.readOnly && operation.type !== 'query') throw needsPost(operation)
    const variables = coerceVariables(operation, request.variables, variableRules)
    return { ...context, operation, variables, trust }
  }
  const withDocument = (context: Admitted, known: KnownDocument, isTrusted: boolean): Resolved => {
    const operation = selectOperation(known, context.request.operationName)
    if (known.introspecting.has(operation.operation) && !mayIntrospect(context.principal)) {
      throw new GatewayError('INTROSPECTION_DISABLED', 'Introspection is off for this caller.')
    }
    return withOperation(context, operation, isTrusted ? 'trusted' : undefined)
  }

  const withFound = ({ known, isTrusted }: FoundDocument, context: Admitted): Resolved =>
    withDocument(context, known, isTrusted)
  const withUntrusted = (known: KnownDocument, context: Admitted): Resolved =>
    withDocument(context, known, false)
  const runAmongAll = (context: Admitted): Resolved | Promise<Resolved> => {
    const asked = readRequestedDocument(context.request)
    if (asked.documentId !== undefined) throw notInList()
    return andThenWith(resolveLearned(asked, context.principal), withUntrusted, context)
  }
  const run = (context: Admitted): Resolved | Promise<Resolved> => {
    if (context.stored !== undefined) return withOperation(context, context.stored, 'stored')
    if (resolveTrusted === undefined) return runAmongAll(context)
    const found = resolveTrusted(readRequestedDocument(context.request), {
      caller: context.principal,
      clientName: context.client.name,
      operationName: context.request.operationName,
    })
    return andThenWith(found, withFound, context)
  }

  const resolveStored = (source: string, operationName?: string): OperationRecord => {
    const document = parseDocument(source, undefined)
    validateDocument(apiSchema, document, true)
    return selectOperation(toKnownDocument(source, document, NOTHING_INTROSPECTS), operationName)
  }

  return {
    stage: { name: 'resolveDocument', run },
    resolveStored,
    textsAhead: () => firstTexts(trusted?.current().documents ?? [], options.trusted.warm),
    resolveAhead: (source) => selectOperation(texts.resolve(source), undefined),
    findUnfit: (documents = trusted?.current().documents ?? []) => findUnfit(documents, texts),
  }
}

function firstTexts(documents: readonly TrustedDocument[], most: number): readonly string[] {
  const found = new Set<string>()
  for (const { source } of documents) {
    if (found.size >= most) break
    found.add(source)
  }
  return [...found]
}

function needsPost(operation: OperationRecord): GatewayError {
  return new GatewayError(
    'METHOD_NOT_ALLOWED',
    `GET admits queries only; send the ${operation.type} by POST.`,
    {
      headers: { allow: 'POST' },
    },
  )
}
