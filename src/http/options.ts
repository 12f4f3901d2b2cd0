import { z } from 'zod'
import { webSocketOptions } from './web-socket/options.js'

/** What GraphQL over HTTP gives a meaning already. */
const REQUEST_PARAMETERS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables', 'extensions'])

const page = z.union([z.boolean(), z.literal('auto')]).default('auto')

const limits = z
  .strictObject({
    bodyBytes: z
      .int()
      .positive()
      .default(1_048_576)
      .describe('Largest request body after inflation, in bytes (413 above).'),
    urlBytes: z.int().positive().default(8_192).describe('Longest request target, in bytes (414 above).'),
    headerBytes: z
      .int()
      .positive()
      .default(16_384)
      .describe('Largest request head, request line included, in bytes (431 above).'),
    headerFields: z.int().positive().default(100).describe('Most header fields of one request (431 above).'),
    jsonDepth: z
      .int()
      .positive()
      .default(100)
      .describe('Deepest nesting of objects and lists in variables and extensions (400 above).'),
    concurrentRequests: z
      .int()
      .positive()
      .default(1_000)
      .describe('Most requests in flight in this process (503 above); health routes are not counted.'),
  })
  .prefault({})

const cors = z
  .strictObject({
    origins: z
      .union([z.literal('auto'), z.array(z.string())])
      .default('auto')
      .describe(
        'Origins whose pages may call: a list of exact origins, or `*` for any. `auto`: any port of localhost outside production, none in production.',
      ),
    credentials: z.boolean().default(false).describe('Let pages of these origins send cookies.'),
    maxAgeSeconds: z
      .int()
      .min(0)
      .default(600)
      .describe('How long a browser may remember a preflight, in seconds.'),
  })
  .prefault({})

const csrf = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Refuse GraphQL requests that a browser could send without a preflight.'),
    headers: z
      .array(z.string())
      .default(['apollo-require-preflight', 'x-apollo-operation-name'])
      .describe('A non-empty value of any of these shows that a preflight was made.'),
  })
  .prefault({})

const streams = z
  .strictObject({
    heartbeatMs: z
      .int()
      .positive()
      .default(5_000)
      .describe(
        'Time between two heartbeats of an open subscription, in milliseconds, so that nobody in between takes a silent one for dead.',
      ),
    stallTimeoutMs: z
      .int()
      .positive()
      .default(30_000)
      .describe(
        'Time for which a client of a subscription may take nothing of what waits for it, in milliseconds; it is let go after.',
      ),
  })
  .prefault({})

/** The public listener: section `server` of the configuration. */
export const httpOptions = z
  .strictObject({
    host: z
      .string()
      .default('auto')
      .describe('Address to listen on. `auto`: 127.0.0.1, and 0.0.0.0 in production.'),
    port: z.int().min(0).max(65_535).default(4000).describe('Port to listen on; 0 takes any free one.'),
    front: z
      .enum(['own', 'apollo'])
      .default('own')
      .describe(
        'Who speaks GraphQL over HTTP: our own handler, or an Apollo Server over the same line, for teams with Apollo plugins.',
      ),
    sandbox: page.describe(
      'Serve the Apollo Sandbox page to browsers at /graphql. `auto`: outside production.',
    ),
    graphiql: page.describe('Serve GraphiQL at /graphiql. `auto`: outside production.'),
    cors: cors.describe('Which pages of other origins may call.'),
    csrf: csrf.describe('Prevention of cross-site request forgery on the GraphQL endpoint.'),
    documentIdParameters: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z_]\w*$/, 'must be a name')
          .refine((name) => !REQUEST_PARAMETERS.has(name), 'has another meaning'),
      )
      .min(1)
      .default(['documentId'])
      .describe(
        'Parameters of a GraphQL request that may name a trusted document, beside `extensions.persistedQuery`; Relay clients often send `doc_id` or `id`.',
      ),
    trustedProxies: z
      .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
      .default([])
      .describe(
        'Addresses or networks whose X-Forwarded-For is believed; from anybody else the header is ignored.',
      ),
    webSocket: webSocketOptions.describe('Operations over WebSocket, subscriptions above all.'),
    limits: limits.describe('Sizes above which a request is refused before anybody looks inside.'),
    streams: streams.describe('Responses that last: subscriptions as server-sent events and multipart.'),
    requestTimeoutMs: z
      .int()
      .positive()
      .default(10_000)
      .describe('Time a request has for its work once it is read, in milliseconds (504 after).'),
    headersTimeoutMs: z
      .int()
      .positive()
      .default(10_000)
      .describe('Time in which the head of a request must arrive, in milliseconds (408 after).'),
    bodyTimeoutMs: z
      .int()
      .positive()
      .default(20_000)
      .describe('Time in which the whole request must arrive, in milliseconds (408 after).'),
    keepAliveTimeoutMs: z
      .int()
      .positive()
      .default(15_000)
      .describe('Time after which an idle connection is closed, in milliseconds.'),
    drainTimeoutMs: z
      .int()
      .positive()
      .default(9_000)
      .describe('Time that requests in flight have to finish when the process stops, in milliseconds.'),
    idleDrainMs: z
      .int()
      .min(0)
      .default(1_000)
      .describe(
        'Time for which idle connections stay open while draining, in milliseconds, so that a request already on its way is answered rather than reset.',
      ),
  })
  .prefault({})

export type HttpOptions = z.output<typeof httpOptions>
