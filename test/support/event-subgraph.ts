import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import { startRecordingSubgraph, type RecordingSubgraph, type SeenRequest } from './recording-subgraph.js'

/** One subscription at an {@link EventSubgraph}, in the hand of the test. */
export interface OpenedStream {
  readonly request: SeenRequest
  readonly response: ServerResponse
  /** Sends an event with this data, or with a whole answer. */
  readonly next: (answer: object) => void
  readonly complete: () => void
  /** Sends bytes as they are. */
  readonly raw: (bytes: string) => void
  /** Resolves when the gateway has let go. */
  readonly closed: Promise<unknown>
}

/** A subgraph that serves subscriptions as server-sent events, and queries with data. */
export interface EventSubgraph extends RecordingSubgraph {
  /** Those that were opened, oldest first. */
  readonly streams: OpenedStream[]
  /** Resolves with the n-th subscription, from 0, when it is open. */
  readonly opened: (index: number) => Promise<OpenedStream>
  /** Says how to answer a subscription; by default with an open stream. */
  subscribe: (response: ServerResponse, request: SeenRequest) => void
}

/** Starts one that answers queries with `data`. */
export async function startEventSubgraph(data: unknown): Promise<EventSubgraph> {
  const base = await startRecordingSubgraph(data)
  const answerQuery = base.behave
  const streams: OpenedStream[] = []
  let waiting: (() => void)[] = []
  const subgraph: EventSubgraph = Object.assign(base, {
    streams,
    opened: async (index: number) => {
      for (;;) {
        const stream = streams[index]
        if (stream !== undefined) return stream
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    subscribe: (response: ServerResponse, request: SeenRequest) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(':\n\n')
      streams.push({
        request,
        response,
        next: (answer) => response.write(`event: next\ndata: ${JSON.stringify(answer)}\n\n`),
        complete: () => response.end('event: complete\ndata:\n\n'),
        raw: (bytes) => response.write(bytes),
        closed: once(response, 'close'),
      })
      const told = waiting
      waiting = []
      for (const tell of told) tell()
    },
  })
  base.behave = (response, request) => {
    const { query } = JSON.parse(request.body) as { query: string }
    if (query.startsWith('subscription')) subgraph.subscribe(response, request)
    else answerQuery(response, request)
  }
  return subgraph
}
