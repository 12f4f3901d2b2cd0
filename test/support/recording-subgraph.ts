import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

/** A request as a subgraph saw it, every line of its head in order. */
export interface SeenRequest {
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** A subgraph of the test's own on a real socket, which keeps what it sees. */
export interface RecordingSubgraph {
  readonly url: string
  readonly seen: SeenRequest[]
  /** Says how to answer; by default with the data that it was started with. */
  behave: (response: ServerResponse, request: SeenRequest) => void
  readonly close: () => Promise<void>
}

/** Starts one that answers every request with `data`. */
export async function startRecordingSubgraph(data: unknown): Promise<RecordingSubgraph> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { headers, rawHeaders } = request
      const one = { headers, rawHeaders, body: Buffer.concat(chunks).toString() }
      seen.push(one)
      subgraph.behave(response, one)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const subgraph: RecordingSubgraph = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/graphql`,
    seen,
    behave: (response) => answer(response, data),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return subgraph
}

/** Answers with data, and with headers where the test wants some. */
export function answer(
  response: ServerResponse,
  data: unknown,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ data }))
}
