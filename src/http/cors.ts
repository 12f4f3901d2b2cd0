import type { FastifyCorsOptions } from '@fastify/cors'
import type { HttpOptions } from './options.js'

const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/

/** What pages of other origins may read of a response (contract §5). */
const EXPOSED_HEADERS = [
  'Age',
  'Deprecation',
  'ETag',
  'Link',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Sunset',
  'WWW-Authenticate',
  'X-BFF-Complete',
  'X-Cache',
  'X-Cost-Actual',
  'X-Cost-Estimated',
  'X-Cost-Max',
  'X-Quota-Cost-Limit',
  'X-Quota-Cost-Remaining',
  'X-Quota-Limit',
  'X-Quota-Remaining',
  'X-Quota-Warning',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-ID',
  'X-Response-Time',
]

/** The rules for other origins, or `undefined` where none may call. */
export function corsRules(
  cors: HttpOptions['cors'],
  production: boolean,
  passedHeaders: readonly string[] = [],
): FastifyCorsOptions | undefined {
  const origin = originsOf(cors, production)
  if (origin.length === 0) return undefined
  return {
    origin,
    credentials: cors.credentials,
    maxAge: cors.maxAgeSeconds,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [...EXPOSED_HEADERS, ...passedHeaders],
    // An OPTIONS that is no preflight gets the same harmless answer.
    strictPreflight: false,
  }
}

/** Makes the judge of whether pages of an origin may call, for exchanges that browsers make without asking by CORS first. */
export function createIsOriginAllowed(
  cors: HttpOptions['cors'],
  production: boolean,
  others: readonly string[] = [],
): (origin: string) => boolean {
  const allowed = [...originsOf(cors, production), ...others]
  return (origin) =>
    allowed.some((each) => (typeof each === 'string' ? each === '*' || each === origin : each.test(origin)))
}

function originsOf({ origins }: HttpOptions['cors'], production: boolean): (string | RegExp)[] {
  if (origins !== 'auto') return origins
  return production ? [] : [LOCAL_ORIGIN]
}
