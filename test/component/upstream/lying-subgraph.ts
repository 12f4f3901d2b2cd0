import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export interface SeenRequest {
  readonly headers: IncomingMessage['headers']
  readonly url: string | undefined
  readonly body: string
}

/** What the server does with a request once it has read it. */
export type Behaviour = (response: ServerResponse, socket: Socket, request: SeenRequest) => void

export interface LyingSubgraph {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Requests that have been received and neither answered nor cut. */
  readonly openRequests: () => number
  /** Connections that were ever opened. */
  readonly connections: () => number
  behave: Behaviour
  /** Resolves when `condition` holds after some request began or ended. */
  readonly when: (condition: () => boolean) => Promise<void>
  /** Resolves when no request is open any more; rejects when one still is after a second. */
  readonly quiet: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A loopback server that answers as badly as it is told to. */
export async function startLyingSubgraph(behave: Behaviour): Promise<LyingSubgraph> {
  const requests: SeenRequest[] = []
  const waiting = new Set<() => void>()
  let open = 0
  let connections = 0
  const changed = () => waiting.forEach((check) => check())

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    open++
    response.on('close', () => {
      open--
      changed()
    })
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const seen = { headers: request.headers, url: request.url, body: Buffer.concat(chunks).toString() }
      requests.push(seen)
      changed()
      subgraph.behave(response, request.socket, seen)
    })
  })
  server.on('connection', () => connections++)
  server.on('clientError', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const subgraph: LyingSubgraph = {
    url: `http://127.0.0.1:${port}/graphql`,
    requests,
    openRequests: () => open,
    connections: () => connections,
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
    quiet: async () => {
      const late = setTimeout(() => fail(new Error(`${open} requests are still open`)), 1_000)
      let fail: (error: Error) => void = () => undefined
      const tooLate = new Promise<never>((_resolve, reject) => (fail = reject))
      await Promise.race([subgraph.when(() => open === 0), tooLate])
      clearTimeout(late)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return subgraph
}

export const JSON_HEAD = { 'content-type': 'application/json' }

/** Answers properly. */
export const honest: Behaviour = (response) => {
  response.writeHead(200, JSON_HEAD).end('{"data":{"ok":true}}')
}

export const silent: Behaviour = () => undefined

export function says(
  status: number,
  contentType: string,
  body: string | Buffer,
  headers: object = {},
): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': contentType, ...headers }).end(body)
  }
}
