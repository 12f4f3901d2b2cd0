import type { RouteRequest } from '../../kernel/route.js'
import { decodeFormText, type Form } from './form.js'
import { OAuthError } from './oauth-error.js'
import type { ClientOptions } from './options.js'
import { isSecretOf, parseSecretHash, type SecretHash } from './secret-hash.js'

/** Finds the client that a request comes from, or refuses it. */
export type AuthenticateClient = (request: RouteRequest, form: Form) => Promise<ClientOptions>

/** Longest secret that is hashed at all. */
const SECRET_CHARACTERS = 512

interface Credentials {
  readonly id: string
  readonly secret: string
}

/**
 * Makes the authentication of clients: client_secret_basic or client_secret_post, never both (RFC 6749 §2.3).
 *
 * Every attempt costs the same, whether the client exists or not: each kind of hash that any client has is computed
 * once, against the client's own hash where it is of that kind and against a decoy otherwise.
 */
export function createAuthenticateClient(clients: readonly ClientOptions[]): AuthenticateClient {
  const known = new Map(clients.map((client) => [client.id, { client, hash: hashOf(client) }]))
  const decoys = new Map([...known.values()].map(({ hash }) => [hash.cost, hash]))

  return async (request, form) => {
    const { id, secret } = readCredentials(request, form)
    const found = known.get(id)
    const checks = [...decoys.values()].map(async (decoy) => {
      const own = found?.hash.cost === decoy.cost ? found.hash : decoy
      const matches = await isSecretOf(own, secret)
      return matches && own === found?.hash
    })
    const matches = await Promise.all(checks)
    if (found === undefined || !matches.includes(true)) {
      throw invalidClient(found === undefined ? 'unknown client' : 'wrong secret')
    }
    return found.client
  }
}

function hashOf({ secretHash }: ClientOptions): SecretHash {
  const hash = parseSecretHash(secretHash)
  if (hash === undefined) throw new Error('The hash of a client secret is not one.')
  return hash
}

function readCredentials(request: RouteRequest, form: Form): Credentials {
  const { authorization } = request.arrival.credentials
  const posted = form.get('client_secret')
  const id = form.get('client_id')
  if (authorization === undefined) {
    if (id === undefined || posted === undefined) throw invalidClient('no credentials')
    return bounded({ id, secret: posted })
  }
  if (posted !== undefined) {
    throw new OAuthError('invalid_request', 'The client authenticates in two ways at once.')
  }
  const basic = readBasic(authorization)
  if (basic === undefined) throw invalidClient('not the form of Basic')
  if (id !== undefined && id !== basic.id) {
    throw new OAuthError('invalid_request', 'The client_id is not that of the Authorization header.')
  }
  return bounded(basic)
}

/**
 * Reads HTTP Basic (RFC 7617), with id and secret form-encoded inside as RFC 6749 §2.3.1 has it.
 *
 * One spelling only: canonical base64, UTF-8, whole percent signs.
 */
function readBasic(authorization: string): Credentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1]
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  const text = bytes.toString('utf8')
  const cut = text.indexOf(':')
  if (cut === -1 || !Buffer.from(text, 'utf8').equals(bytes)) return undefined
  const id = decodeFormText(text.slice(0, cut))
  const secret = decodeFormText(text.slice(cut + 1))
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

function bounded(credentials: Credentials): Credentials {
  if (credentials.secret === '' || credentials.secret.length > SECRET_CHARACTERS) {
    throw invalidClient('a secret of no or of too great length')
  }
  return credentials
}

/** The client learns nothing of what was wrong; the access log does. */
function invalidClient(reason: string): OAuthError {
  return new OAuthError('invalid_client', 'The client could not be authenticated.', { reason })
}
