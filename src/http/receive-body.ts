import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { GatewayError } from '../kernel/gateway-error.js'

/** At most one encoding: nested ones multiply bombs and have no honest use. */
const INFLATERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
  ['br', () => createBrotliDecompress()],
])

/**
 * Reads a request's body, inflated, and never holds more than `limitBytes` of it.
 *
 * What was announced too long is refused unread; the rest is counted after inflation as it arrives, so that a
 * small body that inflates to a large one stops at the limit (Router CVE-2024-28101). A refused rest is left to
 * flow past unkept, because closing at once would reset clients that are still sending.
 */
export async function receiveBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  try {
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
    const inflater = createInflater(request.headers['content-encoding'])
    if (inflater === undefined) return await collect(request, request, limitBytes)
    return await collect(request, request.pipe(inflater), limitBytes)
  } catch (error) {
    request.unpipe()
    request.resume()
    throw error
  }
}

function collect(
  request: IncomingMessage,
  source: IncomingMessage | Transform,
  limitBytes: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const fail = (error: GatewayError) => {
      source.removeAllListeners('data')
      if (source !== request) source.destroy()
      reject(error)
    }
    source.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limitBytes) fail(tooLarge(limitBytes))
      else chunks.push(chunk)
    })
    source.on('end', () => {
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes))
    })
    source.on('error', (cause) => {
      fail(source === request ? cancelled() : unreadable(cause))
    })
    request.on('close', () => {
      if (!request.complete) fail(cancelled())
    })
  })
}

function createInflater(contentEncoding: string | undefined): Transform | undefined {
  const encoding = contentEncoding?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'identity') return undefined
  const create = INFLATERS.get(encoding)
  if (create !== undefined) return create()
  throw new GatewayError('UNSUPPORTED_MEDIA_TYPE', 'The Content-Encoding must be one of gzip, br, deflate.', {
    headers: { 'accept-encoding': 'gzip, br, deflate' },
  })
}

function tooLarge(limitBytes: number): GatewayError {
  return new GatewayError('PAYLOAD_TOO_LARGE', `The body is larger than ${limitBytes} bytes.`)
}

function unreadable(cause: unknown): GatewayError {
  return new GatewayError('BAD_REQUEST', 'The body does not fit its Content-Encoding.', { cause })
}

function cancelled(): GatewayError {
  return new GatewayError('REQUEST_CANCELLED', 'The client left while sending.')
}
