import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { JSON_HEAD, says, silent, type Behaviour } from './lying-subgraph.js'

/** A name, what the subgraph does, and the code of the refusal. */
export type Fault = readonly [string, Behaviour, string]

/** What no client may ever read. */
export const SECRET = 'pa55word at /srv/app/index.js'

const JSON_TYPE = 'application/json'
const OK = '{"data":{"ok":true}}'

/** Four megabytes that compress to nearly nothing. */
const SPACES = Buffer.alloc(4_000_000, 0x20)
const ZIPPED_SPACES = gzipSync(SPACES)

const raw =
  (text: string): Behaviour =>
  (_response, socket) =>
    socket.end(text)

const floodsWith =
  (contentType: string): Behaviour =>
  (response) => {
    response.writeHead(200, { 'content-type': contentType })
    const chunk = Buffer.alloc(1_000_000, 0x20)
    const pour = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', pour)
    }
    pour()
  }

const resetsMidBody: Behaviour = (response, socket) => {
  response.writeHead(200, { ...JSON_HEAD, 'content-length': 100 })
  response.write('{"data":', () => socket.resetAndDestroy())
}

const endsAfterHead = (response: ServerResponse, socket: Socket): void => {
  response.writeHead(200, { ...JSON_HEAD, 'content-length': 100 })
  response.flushHeaders()
  socket.end()
}

/** Good JSON once inflated, so that nothing but its size can be held against it; of many parts, each one a gzip file. */
const GZIP_BOMB = Buffer.concat([gzipSync(OK), ...Array.from({ length: 64 }, () => ZIPPED_SPACES)])
const BROTLI_BOMB = brotliCompressSync(
  Buffer.concat([Buffer.from(OK), ...Array.from({ length: 8 }, () => SPACES)]),
)

const nestedEncodings = Array.from({ length: 40 }, () => 'gzip').join(', ')

/** notes: security §4, row by row: what a subgraph does wrong without making anybody wait. */
export const FAULTS: readonly Fault[] = [
  ['500 HTML', says(500, 'text/html', `<pre>${SECRET}</pre>`), 'SUBREQUEST_HTTP_ERROR'],
  ['500 JSON without the shape', says(500, JSON_TYPE, `{"error":"${SECRET}"}`), 'SUBREQUEST_HTTP_ERROR'],
  ['200 HTML', says(200, 'text/html', `<pre>${SECRET}</pre>`), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['404 HTML', says(404, 'text/html', SECRET), 'SUBREQUEST_HTTP_ERROR'],
  ['text/plain JSON', says(200, 'text/plain', OK), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['204', (response) => response.writeHead(204).end(), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['empty 200', (response) => response.writeHead(200).end(), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['empty JSON 200', says(200, JSON_TYPE, ''), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['502', says(502, 'text/html', SECRET), 'SUBREQUEST_HTTP_ERROR'],
  [
    '503 with Retry-After',
    says(503, JSON_TYPE, '{"errors":[]}', { 'retry-after': '9' }),
    'SUBREQUEST_HTTP_ERROR',
  ],
  ['429', says(429, 'text/plain', SECRET), 'SUBREQUEST_HTTP_ERROR'],
  ['401 JSON without the shape', says(401, JSON_TYPE, '{"message":"no"}'), 'SUBREQUEST_HTTP_ERROR'],
  ['invalid JSON', says(200, JSON_TYPE, `{"data":${SECRET}`), 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    'truncated body',
    raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"data"'),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  ['reset mid-body', resetsMidBody, 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['reset before headers', (_response, socket) => socket.resetAndDestroy(), 'SUBREQUEST_HTTP_ERROR'],
  [
    'closed after the head',
    (response, socket) => endsAfterHead(response, socket),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'a chunk of a wrong length',
    raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'two lengths',
    raw(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 20\r\ncontent-length: 3\r\n\r\n${OK}`,
    ),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'an upgrade that nobody asked for',
    raw('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    'SUBREQUEST_HTTP_ERROR',
  ],
  ['garbage HTTP', raw('HELO subgraph\r\n\r\n'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    '100 kB of headers',
    says(200, JSON_TYPE, OK, { 'x-filler': 'a'.repeat(100_000) }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  ['an endless answer', floodsWith(JSON_TYPE), 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    'a content-length over the limit',
    (response) => {
      response.writeHead(200, { ...JSON_HEAD, 'content-length': 300_000_000 }).flushHeaders()
    },
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    '40 nested encodings',
    says(200, JSON_TYPE, OK, { 'content-encoding': nestedEncodings }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'encoding sent twice',
    says(200, JSON_TYPE, OK, { 'content-encoding': ['gzip', 'gzip'] }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'unknown encoding',
    says(200, JSON_TYPE, OK, { 'content-encoding': 'rot13' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'not the encoding it says',
    says(200, JSON_TYPE, OK, { 'content-encoding': 'gzip' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'truncated gzip',
    says(200, JSON_TYPE, gzipSync(OK).subarray(0, 20), { 'content-encoding': 'gzip' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'a gzip bomb of 256 MB',
    says(200, JSON_TYPE, GZIP_BOMB, { 'content-encoding': 'gzip' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'a brotli bomb',
    says(200, JSON_TYPE, BROTLI_BOMB, { 'content-encoding': 'br' }),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  ['an endless page', floodsWith('text/html'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['empty object', says(200, JSON_TYPE, '{}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['null', says(200, JSON_TYPE, 'null'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['list', says(200, JSON_TYPE, '[]'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['a number', says(200, JSON_TYPE, '7'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['data is a list', says(200, JSON_TYPE, '{"data":[]}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['data is a text', says(200, JSON_TYPE, '{"data":"x"}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  ['null data without an error', says(200, JSON_TYPE, '{"data":null}'), 'SUBREQUEST_MALFORMED_RESPONSE'],
  [
    'errors is not a list',
    says(200, JSON_TYPE, '{"data":{},"errors":{"message":"x"}}'),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
  [
    'errors of wrong entries',
    says(200, JSON_TYPE, '{"data":{},"errors":["x"]}'),
    'SUBREQUEST_MALFORMED_RESPONSE',
  ],
]

const headersThenSilence: Behaviour = (response) => {
  response.writeHead(200, JSON_HEAD).flushHeaders()
}

const halfAHead: Behaviour = (_response, socket) => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-type: app')
}

/** One byte per 250 ms. */
const drips: Behaviour = (response) => {
  response.writeHead(200, JSON_HEAD)
  const timer = setInterval(() => response.write(' '), 250)
  response.on('close', () => clearInterval(timer))
}

const dripsHead: Behaviour = (_response, socket) => {
  socket.write('HTTP/1.1 200 OK\r\nx-filler: ')
  const timer = setInterval(() => socket.write('a'), 50)
  socket.on('close', () => clearInterval(timer))
}

const promisesFurther: Behaviour = (_response, socket) => {
  const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 50)
  socket.on('close', () => clearInterval(timer))
}

const compressesWithoutEnd: Behaviour = (response) => {
  response.writeHead(200, { ...JSON_HEAD, 'content-encoding': 'gzip' })
  response.write(gzipSync(OK).subarray(0, 15))
}

/** What makes callers wait; each is answered at the time limit. */
export const HANGING: readonly Fault[] = [
  ['never answers', silent, 'SUBREQUEST_TIMEOUT'],
  ['sends headers, then nothing', headersThenSilence, 'SUBREQUEST_TIMEOUT'],
  ['sends half a head, then nothing', halfAHead, 'SUBREQUEST_TIMEOUT'],
  ['drips', drips, 'SUBREQUEST_TIMEOUT'],
  ['drips its head', dripsHead, 'SUBREQUEST_TIMEOUT'],
  ['sends one early hint after the other', promisesFurther, 'SUBREQUEST_TIMEOUT'],
  ['begins to compress, then nothing', compressesWithoutEnd, 'SUBREQUEST_TIMEOUT'],
]
