import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Fields that belong to the offer to leave HTTP/1.1, and not to the request. */
const OFFER = new Set(['upgrade', 'http2-settings'])

/**
 * Gives a request back to the server as if it had offered no upgrade.
 *
 * A server may ignore an offer (RFC 9110 §7.8), but Node takes every request that makes one out of HTTP as soon as
 * anybody listens for upgrades: also the `Upgrade: h2c` that clients such as Java's send with each first request. So
 * its head is written once more without the offer, and the server reads it again.
 */
export function putBack(server: Server, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const lines = [`${request.method ?? ''} ${request.url ?? ''} HTTP/${request.httpVersion}`]
  const { rawHeaders } = request
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = withoutOffer(name.toLowerCase(), rawHeaders[index + 1] ?? '')
    if (value !== undefined) lines.push(`${name}: ${value}`)
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  socket.unshift(Buffer.concat([head, rest]))
  server.emit('connection', socket)
}

function withoutOffer(name: string, value: string): string | undefined {
  if (OFFER.has(name)) return undefined
  if (name !== 'connection') return value
  const others = value.split(',').filter((option) => !OFFER.has(option.trim().toLowerCase()))
  return others.length === 0 ? undefined : others.join(',')
}
