/**
 * Every code with which the gateway refuses or reports, in one table.
 *
 * The reference page is generated from it, and a test holds this table, the page and the codes raised in
 * `src` equal. A retired code is never used again for something else.
 */
export interface CatalogueEntry {
  /** HTTP status where the error ends the request; inside partial data the answer stays 200. */
  readonly status: number
  /** What a client may do: `never` repeat it, `later` after Retry-After or a pause, after `login`. */
  readonly retry: 'never' | 'later' | 'login'
  readonly title: string
  /** For the reader of the reference: when it is raised. */
  readonly description: string
}

const entry = (
  status: number,
  retry: CatalogueEntry['retry'],
  title: string,
  description: string,
): CatalogueEntry => ({ status, retry, title, description })

export const ERROR_CATALOGUE = {
  BAD_REQUEST: entry(
    400,
    'never',
    'Bad request',
    'The request is not well formed: unreadable JSON, wrong shapes, two credentials at once.',
  ),
  CSRF_ERROR: entry(
    400,
    'never',
    'Possible cross-site request',
    'A browser could send this request without a preflight; add a header such as apollo-require-preflight.',
  ),
  NOT_FOUND: entry(
    404,
    'never',
    'Not found',
    'No route of this name, or the endpoint found nothing under this id.',
  ),
  METHOD_NOT_ALLOWED: entry(
    405,
    'never',
    'Method not allowed',
    'The route exists for other methods, named in Allow; mutations need POST.',
  ),
  NOT_ACCEPTABLE: entry(406, 'never', 'Not acceptable', 'None of the media types in Accept can be produced.'),
  PAYLOAD_TOO_LARGE: entry(
    413,
    'never',
    'Payload too large',
    'The body, after inflation, is over the configured limit.',
  ),
  REQUEST_TIMEOUT: entry(
    408,
    'later',
    'Request timeout',
    'The head or the body of the request did not arrive in time.',
  ),
  HEADERS_TOO_LARGE: entry(
    431,
    'never',
    'Headers too large',
    'The header fields are too many, or larger than the configured limit.',
  ),
  URI_TOO_LONG: entry(414, 'never', 'URI too long', 'The request target is over the configured limit.'),
  UNSUPPORTED_MEDIA_TYPE: entry(
    415,
    'never',
    'Unsupported media type',
    'The Content-Type, charset or Content-Encoding of the body is not supported.',
  ),
  UNAUTHENTICATED: entry(
    401,
    'login',
    'Unauthenticated',
    'The credential is missing where one is needed, or is not valid.',
  ),
  IDENTITY_UNAVAILABLE: entry(
    503,
    'later',
    'Identity unavailable',
    'What is needed to know the caller, such as his profile or the store of API keys, is not available at the moment.',
  ),
  FORBIDDEN: entry(403, 'never', 'Forbidden', 'The caller may not run this operation or use this route.'),
  UNAUTHORIZED_FIELD_OR_TYPE: entry(
    200,
    'never',
    'Unauthorized field or type',
    'The caller may not see this field; it was left out and is null.',
  ),
  RELOAD_REFUSED: entry(
    409,
    'never',
    'Reload refused',
    'The config, the rules or the supergraph do not fit; what served before goes on. For operators only.',
  ),
  AUTHORIZATION_FAULT: entry(
    200,
    'later',
    'Authorization fault',
    'A rule for this field failed to decide; the field is refused.',
  ),
  REQUEST_RATE_LIMITED: entry(
    429,
    'later',
    'Too many requests',
    'The caller sent more requests than the limit admits; see Retry-After.',
  ),
  FIELD_RATE_LIMITED: entry(
    429,
    'later',
    'Field rate limited',
    'A field with @rateLimit was asked too often; it is null, or the request ends with 429 when every root field was refused. Without retryAfterSeconds it asks for more than the limit ever allows at once.',
  ),
  QUOTA_EXCEEDED: entry(
    429,
    'later',
    'Quota exceeded',
    'The quota of the month is used up; see Retry-After.',
  ),
  LIMITS_UNAVAILABLE: entry(
    503,
    'later',
    'Limits unavailable',
    'A limit that is to refuse while its store is away cannot be checked (onStoreFailure: closed).',
  ),
  USAGE_UNAVAILABLE: entry(
    503,
    'later',
    'Usage unavailable',
    'The store of usage does not answer at the moment. For operators only.',
  ),
  REQUEST_CONCURRENCY_LIMITED: entry(
    503,
    'later',
    'Too many requests in flight',
    'The gateway or the caller has too many requests in flight.',
  ),
  SUPERGRAPH_UNAVAILABLE: entry(
    503,
    'later',
    'Supergraph unavailable',
    'No supergraph or no policy for it could be loaded yet.',
  ),
  SHUTTING_DOWN: entry(503, 'later', 'Shutting down', 'This instance is draining; another one will answer.'),
  GRAPHQL_PARSE_FAILED: entry(
    400,
    'never',
    'Document does not parse',
    'The GraphQL document has a syntax error.',
  ),
  GRAPHQL_VALIDATION_FAILED: entry(
    400,
    'never',
    'Document is not valid',
    'The document does not fit the API schema.',
  ),
  BAD_USER_INPUT: entry(
    400,
    'never',
    'Bad user input',
    'A variable or parameter has a value of the wrong type, or a subgraph refused the input.',
  ),
  OPERATION_RESOLUTION_FAILURE: entry(
    400,
    'never',
    'Operation not resolved',
    'The document has no operation of this name, or several and no name was given.',
  ),
  INTROSPECTION_DISABLED: entry(
    400,
    'never',
    'Introspection disabled',
    'Introspection is off for this caller.',
  ),
  MAX_DEPTH_LIMIT: entry(
    400,
    'never',
    'Operation too deep',
    'The selection is nested deeper than the limit, counted through fragments.',
  ),
  MAX_ALIASES_LIMIT: entry(
    400,
    'never',
    'Too many aliases',
    'The operation uses more aliases than the limit, counted through fragments.',
  ),
  MAX_ROOT_FIELDS_LIMIT: entry(
    400,
    'never',
    'Too many root fields',
    'The operation selects more root fields than the limit, counted through fragments.',
  ),
  MAX_TOKENS_LIMIT: entry(
    400,
    'never',
    'Document too long',
    'The document has more tokens, definitions, variables or expanded selections than the limit.',
  ),
  MAX_DIRECTIVES_LIMIT: entry(
    400,
    'never',
    'Too many directives',
    'The document applies more directives than the limit.',
  ),
  COST_ESTIMATED_TOO_EXPENSIVE: entry(
    400,
    'never',
    'Operation too expensive',
    'The estimated cost is over the maximum for the caller.',
  ),
  SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE: entry(
    400,
    'never',
    'Too expensive for a subgraph',
    'What the operation asks of one subgraph is estimated to cost more than its budget: it is not asked, its fields are null.',
  ),
  PERSISTED_QUERY_NOT_FOUND: entry(
    200,
    'later',
    'Persisted query not found',
    'The hash is not known yet; send it again with the document (APQ).',
  ),
  PERSISTED_QUERY_HASH_MISMATCH: entry(
    400,
    'never',
    'Persisted query hash mismatch',
    'Hash, id and text of the request are not of one document.',
  ),
  PERSISTED_QUERY_NOT_IN_LIST: entry(
    404,
    'never',
    'Persisted query not in list',
    'No trusted document has this id.',
  ),
  PERSISTED_QUERY_ID_REQUIRED: entry(
    400,
    'never',
    'Persisted query id required',
    'Only trusted documents, by id, are admitted.',
  ),
  QUERY_NOT_IN_SAFELIST: entry(
    403,
    'never',
    'Document not in safelist',
    'The document is not one of the trusted documents.',
  ),
  QUERY_PLANNING_FAILED: entry(
    500,
    'never',
    'Query planning failed',
    'No plan could be made for the operation.',
  ),
  SUBREQUEST_HTTP_ERROR: entry(
    502,
    'later',
    'Subgraph request failed',
    'A subgraph could not be reached, or answered with an error status.',
  ),
  SUBREQUEST_MALFORMED_RESPONSE: entry(
    502,
    'later',
    'Subgraph answer malformed',
    'A subgraph answered with something that is not a usable GraphQL answer.',
  ),
  SUBREQUEST_TIMEOUT: entry(
    504,
    'later',
    'Subgraph timed out',
    'A subgraph did not answer within its deadline.',
  ),
  SUBGRAPH_ERROR: entry(
    502,
    'later',
    'Subgraph reported an error',
    'A subgraph answered with an error whose text is not for clients.',
  ),
  SUBGRAPH_UNAVAILABLE: entry(
    503,
    'later',
    'Subgraph unavailable',
    'A subgraph is left alone for a moment: breaker open or too many calls in flight.',
  ),
  GATEWAY_TIMEOUT: entry(504, 'later', 'Gateway timeout', 'The whole request took longer than its deadline.'),
  SUBSCRIPTION_MAX_LIMIT: entry(
    429,
    'later',
    'Too many subscriptions',
    'The caller, or the gateway as a whole, has as many subscriptions open as the limit admits.',
  ),
  SUBSCRIPTION_SCHEMA_RELOAD: entry(
    503,
    'later',
    'Subscription to be made anew',
    'The graph, its rules or the standing of the caller changed while the subscription was open; it has ended, and may be made again at once.',
  ),
  SUBSCRIPTION_BACKLOG_LIMIT: entry(
    503,
    'later',
    'Subscription fell behind',
    'Events came faster than the client read them; the subscription has ended rather than leave some out.',
  ),
  REQUEST_CANCELLED: entry(
    499,
    'never',
    'Request cancelled',
    'The client went away; only the log shows this.',
  ),
  INTERNAL_SERVER_ERROR: entry(
    500,
    'later',
    'Internal server error',
    'An unexpected fault; the log has it under the request id.',
  ),
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof ERROR_CATALOGUE
