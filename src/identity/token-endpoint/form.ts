import { OAuthError } from './oauth-error.js'

/** The parameters of a request, each at most once; those without a value count as left out (RFC 6749 §3.2). */
export type Form = ReadonlyMap<string, string>

const CONTENT_TYPE = /^application\/x-www-form-urlencoded[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i

/** Reads a form body in the one way that it can be read, or refuses it: no parameter twice, no stray bytes. */
export function readForm(contentType: string | undefined, body: Buffer): Form {
  if (!CONTENT_TYPE.test(contentType ?? '')) {
    throw new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded in UTF-8.', {
      status: 415,
    })
  }
  // Bytes beyond ASCII must be percent-encoded in a form (URL standard §5.2).
  if (!isAscii(body)) throw malformed()
  const form = new Map<string, string>()
  const seen = new Set<string>()
  for (const pair of body.toString('latin1').split('&')) {
    if (pair === '') continue
    const cut = pair.indexOf('=')
    const name = decodeFormText(cut === -1 ? pair : pair.slice(0, cut))
    const value = decodeFormText(cut === -1 ? '' : pair.slice(cut + 1))
    if (name === undefined || value === undefined) throw malformed()
    if (seen.has(name)) throw new OAuthError('invalid_request', 'A parameter was given more than once.')
    seen.add(name)
    if (value !== '') form.set(name, value)
  }
  return form
}

/** The value of a parameter that must be there. */
export function required(form: Form, name: string): string {
  const value = form.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `The parameter ${name} is missing.`)
  return value
}

/** Undoes form encoding (RFC 6749 appendix B); undefined for text that is not so encoded or not UTF-8. */
export function decodeFormText(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80)
}

function malformed(): OAuthError {
  return new OAuthError('invalid_request', 'The body is not a well-formed form.')
}
