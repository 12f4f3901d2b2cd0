import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { SelfSigned } from '../../support/self-signed.js'

/** What the server does with a request once it has read it; the body is given. */
export type Http2Behaviour = (stream: ServerHttp2Stream, body: string) => void

export interface Http2Subgraph {
  readonly url: string
  readonly bodies: readonly string[]
  readonly headers: readonly IncomingHttpHeaders[]
  /** Connections that were ever opened, as sessions. */
  readonly sessions: readonly ServerHttp2Session[]
  readonly openStreams: () => number
  behave: Http2Behaviour
  /** Resolves when `condition` holds after some request began or ended. */
  readonly when: (condition: () => boolean) => Promise<void>
  readonly close: () => Promise<void>
}

/** A loopback subgraph that speaks HTTP/2 only: over TLS with a certificate, by prior knowledge without. */
export async function startHttp2Subgraph(behave: Http2Behaviour, tls?: SelfSigned): Promise<Http2Subgraph> {
  const bodies: string[] = []
  const headers: IncomingHttpHeaders[] = []
  const sessions: ServerHttp2Session[] = []
  const waiting = new Set<() => void>()
  const changed = () => waiting.forEach((check) => check())
  let open = 0

  const server: Http2Server = tls === undefined ? createServer() : createSecureServer(tls)
  server.on('session', (session) => {
    sessions.push(session)
    session.on('error', () => undefined)
  })
  server.on('stream', (stream, head) => {
    open++
    headers.push(head)
    stream.on('error', () => undefined)
    stream.on('close', () => {
      open--
      changed()
    })
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      bodies.push(body)
      changed()
      subgraph.behave(stream, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const subgraph: Http2Subgraph = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/graphql`,
    bodies,
    headers,
    sessions,
    openStreams: () => open,
    behave,
    when: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition()) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        check()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
      }),
  }
  return subgraph
}

export const honestHttp2: Http2Behaviour = (stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/json' })
  stream.end('{"data":{"ok":true}}')
}
