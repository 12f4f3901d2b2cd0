import { z } from 'zod'

/** Subscriptions and other operations over WebSocket: section `server.webSocket` of the configuration. */
export const webSocketOptions = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Serve `WS /graphql` with the subprotocol graphql-transport-ws.'),
    initTimeoutMs: z
      .int()
      .positive()
      .default(3_000)
      .describe('Time in which `connection_init` must arrive, in milliseconds (closed with 4408 after).'),
    messageBytes: z
      .int()
      .positive()
      .default(65_536)
      .describe('Largest message of a client, in bytes (closed with 1009 above).'),
    messagesPerSecond: z
      .int()
      .positive()
      .default(200)
      .describe('Most messages of a client in a second, over ten seconds (closed with 1008 above).'),
    operationsPerSocket: z
      .int()
      .positive()
      .default(20)
      .describe('Most operations that one socket may have under way, subscriptions included.'),
    sockets: z.int().positive().default(10_000).describe('Most open sockets of this process (503 above).'),
    socketsPerAddress: z
      .int()
      .positive()
      .default(100)
      .describe('Most open sockets of one address, or of one IPv6 /64 network (503 above).'),
    pingIntervalMs: z
      .int()
      .positive()
      .default(15_000)
      .describe('How often an open socket is pinged, in milliseconds.'),
    pongTimeoutMs: z
      .int()
      .positive()
      .default(30_000)
      .describe(
        'Time after which a socket on which nothing comes, no pong either, is cut off, in milliseconds.',
      ),
    sendBufferBytes: z
      .int()
      .positive()
      .default(1_048_576)
      .describe(
        'Bytes that may wait for a client that reads slowly before another message is sent (closed with 4008 above). Events of subscriptions wait at their source instead.',
      ),
    identityCheckMs: z
      .int()
      .positive()
      .default(5_000)
      .describe(
        'How often the credential of an open socket is checked again, in milliseconds, so that a revoked one closes it also while idle.',
      ),
  })
  .prefault({})

export type WebSocketOptions = z.output<typeof webSocketOptions>
