import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer } from '../../kernel/answer.js'
import type { AnswerStream } from '../../kernel/answer-stream.js'
import type { ResponseHead } from '../../kernel/response-head.js'
import type { Exchange } from '../exchange.js'
import type { HttpOptions } from '../options.js'
import type { StreamForm } from './stream-form.js'

/** Where and how a stream goes out. */
export interface StreamWay {
  readonly exchange: Exchange
  readonly head: ResponseHead
  readonly form: StreamForm
  readonly options: HttpOptions['streams']
}

/**
 * Writes the answers of a subscription, each when it comes, and heartbeats in between; resolves when it is over.
 *
 * The next answer is asked for when the client has taken the one before, so that nothing piles up here: what it does
 * not take waits at the source, which ends when it is too much. A client that takes nothing for `stallTimeoutMs` is let
 * go.
 */
export async function sendStream(stream: AnswerStream, way: StreamWay): Promise<void> {
  const { exchange, form, options } = way
  exchange.isStream = true
  exchange.countBytes(exchange.receivedBytes, 0)
  const response = begin(way)
  const write = (text: string): boolean => writePiece(exchange, response, text)
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) write(form.heartbeat)
  }, options.heartbeatMs)
  const leave = (): void => void stream.return()
  response.once('close', leave)
  // Noted as it goes: when the client leaves, the access log is written before anything here.
  const { logged } = exchange
  logged.events = 0
  logged.streamEnd = 'stopped'
  try {
    for await (const answer of stream) {
      logged.events += 1
      if (!write(form.part(answer)))
        await drained(response, exchange.request.raw.socket, options.stallTimeoutMs)
      if (response.destroyed) break
    }
  } finally {
    clearInterval(heartbeat)
    logged.streamEnd = stream.end
    if (!response.destroyed) write(form.closing)
    response.end()
  }
}

/** Writes one answer in the form of a stream that has no other. */
export function sendAsStream(answer: Answer, way: StreamWay): void {
  const response = begin(way)
  writePiece(way.exchange, response, `${way.form.part(answer)}${way.form.closing}`)
  response.end()
}

/** Counted as it goes: a client that leaves ends the exchange before anything here, and others stay for days. */
function writePiece(exchange: Exchange, response: ServerResponse, text: string): boolean {
  const bytes = Buffer.byteLength(text)
  exchange.sentBytes = (exchange.sentBytes ?? 0) + bytes
  if (exchange.isStream) exchange.countBytes(0, bytes)
  return response.write(text)
}

function begin({ exchange, head, form }: StreamWay): ServerResponse {
  head.set('content-type', form.contentType)
  // nginx would hold answers back until it has a buffer full of them.
  head.set('x-accel-buffering', 'no')
  const response = exchange.beginStream(200, head)
  writePiece(exchange, response, form.opening)
  return response
}

/**
 * Resolves when the client has taken what was written, is gone, or took too long.
 *
 * A response that waits behind another one of its connection has no socket yet, and Node tells it neither of the
 * connection's end nor of its own.
 */
function drained(response: ServerResponse, socket: Socket, withinMs: number): Promise<void> {
  if (socket.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(stalled)
      response.off('drain', over).off('close', over)
      socket.off('close', over)
      resolve()
    }
    const stalled = setTimeout(() => {
      response.destroy()
      over()
    }, withinMs)
    response.once('drain', over).once('close', over)
    socket.once('close', over)
  })
}
