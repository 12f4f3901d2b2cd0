import { GatewayError } from '../kernel/gateway-error.js'

const MEDIA_TYPE = /^\s*[!#$%&'*+.^`|~\w-]+\/[!#$%&'*+.^`|~\w-]+\s*(;|$)/
const PARAMETER = /^[ \t]*([!#$%&'*+.^_`|~\w-]+)=("[^"\\]*"|[!#$%&'*+.^_`|~\w-]+)[ \t]*$/

/**
 * Refuses a body that does not say, in one reading only, that it is JSON in UTF-8.
 *
 * Strict on purpose: a Content-Type that two parsers could read differently has been the way around checks
 * (fastify CVE-2025-32442, CVE-2026-25223, CVE-2026-3419), and other charsets a way to stall a server (Apollo
 * Server CVE-2026-23897).
 */
export function assertJsonContentType(contentType: string | undefined): void {
  if (contentType === 'application/json') return
  const [essence = '', ...parameters] = (contentType ?? '').split(';')
  if (essence.replace(/[ \t]+$/, '').toLowerCase() !== 'application/json') {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.')
  }
  for (const parameter of parameters) assertParameter(parameter)
}

/** Refuses a body whose type is no media type at all (RFC 9110 §8.3.1), whatever the route makes of it. */
export function assertMediaType(contentType: string | undefined): void {
  if (contentType === undefined || MEDIA_TYPE.test(contentType)) return
  throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The Content-Type is malformed.')
}

/** The media type alone, in lower case, without its parameters. */
export function essenceOf(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
}

function assertParameter(text: string): void {
  const [, name, value] = PARAMETER.exec(text) ?? []
  if (name === undefined || value === undefined) {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The Content-Type is malformed.')
  }
  if (name.toLowerCase() !== 'charset') return
  if (value.replaceAll('"', '').toLowerCase() !== 'utf-8') {
    throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'JSON bodies must be in UTF-8.')
  }
}
