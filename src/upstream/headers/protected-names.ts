import {
  IDENTITY_HEADERS,
  REQUEST_ID_HEADER,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
} from '../../contract/identity-headers.js'

/** What the gateway says itself to every subgraph (contract §4). */
const OWN_HEADERS = [
  ...IDENTITY_HEADERS,
  TIMESTAMP_HEADER,
  SIGNATURE_HEADER,
  REQUEST_ID_HEADER,
  'x-forwarded-for',
  'traceparent',
  'accept',
]

/** What belongs to one connection or to the framing of one message (RFC 9110 §7.6.1, §8), never to the next hop. */
const HOP_HEADERS = [
  'accept-encoding',
  'connection',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

const CREDENTIALS = ['authorization', 'x-api-key', 'cookie']

/** Families in which a name may be added without notice. */
const FAMILIES = ['x-gateway-', 'content-']

/** What the gateway, or a browser's protection, says on its own responses (contract §5). */
const OWN_RESPONSE_HEADERS = [
  'age',
  'allow',
  'cache-control',
  'content-security-policy',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'date',
  'deprecation',
  'etag',
  'origin-agent-cluster',
  'pragma',
  'ratelimit',
  'ratelimit-policy',
  'referrer-policy',
  'retry-after',
  'server',
  'strict-transport-security',
  'sunset',
  'vary',
  'www-authenticate',
  'x-bff-complete',
  'x-cache',
  'x-content-type-options',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-powered-by',
  'x-response-time',
  'x-xss-protection',
]

const RESPONSE_FAMILIES = ['access-control-', 'x-ratelimit-', 'ratelimit-']

/**
 * A name as the most forgiving server reads it.
 *
 * CGI, WSGI and PHP hand `x_user_id`, `X-User-ID` and `x.user.id` to a program under one name, so that a header in
 * one spelling speaks for the others.
 */
export function foldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

const REQUEST_NAMES = new Set([...OWN_HEADERS, ...HOP_HEADERS, 'set-cookie'].map(foldName))
const RESPONSE_NAMES = new Set([...OWN_HEADERS, ...HOP_HEADERS, ...OWN_RESPONSE_HEADERS, ...CREDENTIALS])
const CREDENTIAL_NAMES = new Set(CREDENTIALS.map(foldName))

/** Says why no rule may write this header of a subgraph request; undefined where one may. */
export function whyNotRequest(name: string): string | undefined {
  const folded = foldName(name)
  if (!REQUEST_NAMES.has(folded) && !FAMILIES.some((family) => folded.startsWith(family))) return undefined
  return `${name} is written by the gateway or belongs to the connection: no rule can touch it`
}

/** Says why no rule may pass this header of a subgraph reply on to the client; undefined where one may. */
export function whyNotResponse(name: string): string | undefined {
  const folded = foldName(name)
  const families = [...FAMILIES, ...RESPONSE_FAMILIES]
  if (!RESPONSE_NAMES.has(folded) && !families.some((family) => folded.startsWith(family))) return undefined
  return `${name} is written by the gateway or belongs to the connection: no subgraph can say it to a client`
}

/**
 * Says why names with this beginning may not be let through; undefined where they may.
 *
 * A pattern must not even be able to match what the gateway says of a caller, nor a credential: those are let through
 * only by their full name.
 */
export function whyNotBeginning(beginning: string): string | undefined {
  const folded = foldName(beginning)
  const matched = [...REQUEST_NAMES, ...CREDENTIAL_NAMES].find((name) => name.startsWith(folded))
  const family = FAMILIES.find((each) => each.startsWith(folded) || folded.startsWith(each))
  const found = matched ?? (family === undefined ? undefined : `${family}*`)
  return found === undefined
    ? undefined
    : `${beginning}* matches ${found}, which no pattern may let through: name the headers one by one`
}
