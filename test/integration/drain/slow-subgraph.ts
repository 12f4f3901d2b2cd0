import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'

/** A subgraph of one field that answers when it is told to. */
export interface SlowSubgraph {
  readonly url: string
  /** Requests that wait for an answer now. */
  readonly waiting: () => number
  /** Answers all that wait, and from now on every request at once. */
  readonly answer: () => void
  readonly stop: () => Promise<void>
}

export async function startSlowSubgraph(): Promise<SlowSubgraph> {
  const waiting = new Set<ServerResponse>()
  let holdsBack = true
  const reply = (response: ServerResponse) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ data: { slow: 'done' } }))
  }
  const server = createServer((request, response) => {
    request.resume()
    if (!holdsBack) {
      reply(response)
      return
    }
    waiting.add(response)
    response.once('close', () => waiting.delete(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/graphql`,
    waiting: () => waiting.size,
    answer() {
      holdsBack = false
      for (const response of waiting) reply(response)
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
