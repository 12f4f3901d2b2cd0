import { OAuthError } from './oauth-error.js'

/** RFC 6749 §3.3: words with one space between them. */
const SCOPES = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/

/**
 * Chooses the scopes of a token: those asked for, or all that are allowed where none are.
 *
 * A token never has more than `allowed`; whoever asks for more is refused rather than given less, so that nobody
 * works with a token that lacks what he believes it to have.
 */
export function narrowScopes(requested: string | undefined, allowed: ReadonlySet<string>): readonly string[] {
  if (requested === undefined) return [...allowed]
  if (!SCOPES.test(requested)) throw new OAuthError('invalid_scope', 'The scope is malformed.')
  const asked = new Set(requested.split(' '))
  if (![...asked].every((scope) => allowed.has(scope))) {
    throw new OAuthError('invalid_scope', 'The scope is wider than what may be given.')
  }
  return [...asked]
}

/** What two holders have in common, in the order of the first. */
export function intersect(one: Iterable<string>, other: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...one].filter((word) => other.has(word)))
}
