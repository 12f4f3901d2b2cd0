/** Names under which secrets travel, in lower case and without separators. */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  'authorization',
  'proxyauthorization',
  'apikey',
  'xapikey',
  'cookie',
  'setcookie',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'subjecttoken',
  'actortoken',
  'password',
  'secret',
  'pepper',
  'clientsecret',
  'credentials',
  'xgatewaysignature',
])
const MASK = '[redacted]'
const DEEPEST = 6
const SEPARATORS = /[-_]/g
/** Bearer tokens, and API keys however much of one there is. */
const TOKEN_IN_TEXT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}|ghk_[0-9A-Za-z]+_\w+/g
const PASSWORD_IN_URL = /(:\/\/)[^/@\s]*@/g

/**
 * Takes secrets out of one fact of a log line, however deep they stand in it.
 *
 * A list of paths, as pino has it, has no "at any depth": a header object that somebody nests one level deeper
 * would pass it. A fact that is no object costs one look at its name and one at its text.
 */
export function redactFact(name: string, value: unknown): unknown {
  return isSecretName(name) ? MASK : redactValue(value, 0)
}

function redactObject(source: object, depth: number): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(source)) {
    clean[name] = isSecretName(name) ? MASK : redactValue(value, depth)
  }
  return clean
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEEPEST) return '[deep]'
  if (value instanceof Error) return describeError(value, depth + 1)
  if (value instanceof Map || value instanceof Headers) {
    return redactObject(Object.fromEntries(value as Iterable<[string, unknown]>), depth + 1)
  }
  if (value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return `[${String(value.byteLength)} bytes]`
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(item, depth + 1))
  return redactObject(value, depth + 1)
}

/** Takes tokens and URL passwords out of a text, as they turn up in messages of other people's errors. */
export function redactText(text: string): string {
  if (text.length < 12) return text
  const withoutTokens = mayHoldToken(text) ? text.replace(TOKEN_IN_TEXT, MASK) : text
  return withoutTokens.includes('://') ? withoutTokens.replace(PASSWORD_IN_URL, `$1${MASK}@`) : withoutTokens
}

/** Much faster than the expression itself, which hardly any text meets. */
function mayHoldToken(text: string): boolean {
  return text.includes('eyJ') || text.includes('Bearer') || text.includes('Basic') || text.includes('ghk_')
}

/** The known parts of an error only: its other properties may hold requests with headers. */
function describeError(error: Error & { code?: unknown }, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: redactText(error.message),
    ...(error.code === undefined ? {} : { code: redactValue(error.code, depth) }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth) }),
  }
}

/** Log lines repeat the same few names; header names of clients must not make this grow. */
const MAX_JUDGED_NAMES = 1_000
const judgedNames = new Map<string, boolean>()

function isSecretName(name: string): boolean {
  const known = judgedNames.get(name)
  if (known !== undefined) return known
  const isSecret = SECRET_NAMES.has(name.toLowerCase().replace(SEPARATORS, ''))
  if (judgedNames.size < MAX_JUDGED_NAMES) judgedNames.set(name, isSecret)
  return isSecret
}
