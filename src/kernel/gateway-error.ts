import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js'
import type { Json, JsonObject } from './json.js'

export interface GatewayErrorOptions {
  /** The fault behind it: for the log, never for the client. */
  readonly cause?: unknown
  /** Joins `extensions` beside the code; must be fit for clients. */
  readonly extensions?: JsonObject
  /** Response headers that belong to the refusal, such as `www-authenticate`; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  /** Positions in the document, 1-based (GraphQL specification §7.1.2). */
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  /** Where one refusal has several findings, such as validation errors. */
  readonly details?: readonly ErrorDetail[]
}

/** One finding inside a refusal that has several. */
export interface ErrorDetail {
  readonly message: string
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
}

/**
 * The only way to refuse: a code of the catalogue and a message that a client may read.
 *
 * Anything else that is thrown counts as an unexpected fault, is masked and becomes INTERNAL_SERVER_ERROR.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly status: number
  readonly extensions: JsonObject | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly locations: GatewayErrorOptions['locations']
  readonly details: readonly ErrorDetail[] | undefined

  constructor(code: ErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = ERROR_CATALOGUE[code].status
    this.extensions = options.extensions
    this.headers = options.headers
    this.locations = options.locations
    this.details = options.details
  }
}

/** One entry of a GraphQL answer's `errors`, ready for JSON (GraphQL specification §7.1.2). */
export interface AnswerError {
  readonly message: string
  readonly locations?: readonly { readonly line: number; readonly column: number }[]
  /** Response keys and list indices; `@` stands for "every position of this list". */
  readonly path?: readonly (string | number)[]
  readonly extensions: { readonly code: string; readonly [key: string]: Json | undefined }
}

/** Writes a refusal as the entries of `errors`: one, or one per finding. */
export function toAnswerErrors(error: GatewayError): readonly AnswerError[] {
  const extensions = { code: error.code, ...error.extensions }
  const findings = error.details ?? [
    { message: error.message, ...(error.locations ? { locations: error.locations } : {}) },
  ]
  return findings.map((finding) => ({ ...finding, extensions }))
}
