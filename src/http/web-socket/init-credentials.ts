import type { Credentials } from '../../kernel/contexts.js'
import type { JsonObject } from '../../kernel/json.js'
import { SocketFault } from './socket-fault.js'

/**
 * Joins the credentials of the handshake with those in the payload of `connection_init`, where browsers have to put
 * them: they cannot set headers of a WebSocket.
 *
 * The names are those of the headers, in any case. A credential that came twice is accepted only where both say the
 * same, and two kinds are left to the identify stage, which refuses them (contract §4).
 */
export function joinCredentials(handshake: Credentials, payload: JsonObject | undefined): Credentials {
  const authorization = join(handshake.authorization, payload, 'authorization')
  const apiKey = join(handshake.apiKey, payload, 'x-api-key')
  const hasNone = authorization === undefined && apiKey === undefined
  return { authorization, apiKey, cookie: hasNone ? handshake.cookie : undefined }
}

function join(known: string | undefined, payload: JsonObject | undefined, name: string): string | undefined {
  let credential = known
  for (const key in payload) {
    if (key.toLowerCase() !== name) continue
    const value = payload[key]
    if (value === null) continue
    if (typeof value !== 'string' || (credential !== undefined && credential !== value)) {
      throw new SocketFault('forbidden')
    }
    credential = value
  }
  return credential
}
