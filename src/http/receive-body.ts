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
export function receiveBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (error: GatewayError) => {
      request.unpipe()
      request.resume()
      reject(error)
    }
    const inflater = findInflater(request.headers['content-encoding'])
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) fail(tooLarge(limitBytes))
    else if (inflater === 'unknown') fail(unsupported())
    else {
      const source = inflater === 'none' ? request : request.pipe(inflater())
      collect(request, source, limitBytes, { done: resolve, fail })
    }
  })
}

function collect(
  request: IncomingMessage,
  source: IncomingMessage | Transform,
  limitBytes: number,
  outcome: { readonly done: (body: Buffer) => void; readonly fail: (error: GatewayError) => void },
): void {
  const chunks: Buffer[] = []
  let bytes = 0
  const fail = (error: GatewayError) => {
    source.removeAllListeners('data')
    if (source !== request) source.destroy()
    outcome.fail(error)
  }
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > limitBytes) fail(tooLarge(limitBytes))
    else chunks.push(chunk)
  })
  source.on('end', () => {
    outcome.done(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes))
  })
  source.on('error', (cause) => {
    fail(source === request ? cancelled() : unreadable(cause))
  })
  request.on('close', () => {
    if (!request.complete) fail(cancelled())
  })
}

function findInflater(contentEncoding: string | undefined): (() => Transform) | 'none' | 'unknown' {
  const encoding = contentEncoding?.trim().toLowerCase() ?? ''
  if (encoding === '' || encoding === 'identity') return 'none'
  return INFLATERS.get(encoding) ?? 'unknown'
}

function unsupported(): GatewayError {
  return new GatewayError(
    'UNSUPPORTED_MEDIA_TYPE',
    'The Content-Encoding must be one of gzip, br, deflate.',
    {
      headers: { 'accept-encoding': 'gzip, br, deflate' },
    },
  )
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
