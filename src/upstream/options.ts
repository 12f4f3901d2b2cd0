import { z } from 'zod'
import { eventOptions } from './events/options.js'
import { findRuleFaults, headersOptions, subgraphHeaders } from './headers/options.js'

const milliseconds = () => z.int().positive()

const retryOptions = z.strictObject({
  attempts: z
    .int()
    .min(0)
    .max(3)
    .default(1)
    .describe(
      'How often a query is repeated after a refused or reset connection or a 502 or 503; mutations never are. 0: off.',
    ),
  budgetRatio: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe(
      'Repeats allowed per call over time, so that retries cannot multiply the load of a failing subgraph.',
    ),
})

const breakerOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Leaves a subgraph that keeps failing alone for a while.'),
  minimumCalls: z.int().positive().default(20).describe('Calls in the window before the breaker judges.'),
  failureRatio: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('Share of faults in the window that opens the breaker.'),
  windowMs: milliseconds().default(10_000).describe('Length of the window that is judged, in milliseconds.'),
  openMs: milliseconds()
    .default(5_000)
    .describe('How long an open breaker refuses before it probes, in milliseconds.'),
  probes: z.int().positive().default(3).describe('Successful probes that close the breaker again.'),
})

const signingOptions = z.strictObject({
  secret: z
    .string()
    .refine((text) => text === '' || text.length >= 16, 'must have at least 16 characters')
    .default('')
    .describe('Secret shared with the subgraphs; signs the identity headers. Empty: nothing is signed.'),
})

const protocolOption = () => z.enum(['http1', 'http2'])
const pipeliningOption = () => z.int().min(1).max(100)

const subgraphOptions = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Replaces the address in the supergraph.'),
  timeoutMs: milliseconds()
    .optional()
    .describe('Replaces upstream.timeoutMs for this subgraph, in milliseconds.'),
  protocol: protocolOption().optional().describe('Replaces upstream.protocol for this subgraph.'),
  pipelining: pipeliningOption().optional().describe('Replaces upstream.pipelining for this subgraph.'),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe("PEM file of the certificates that are trusted for this subgraph instead of the system's."),
  headers: subgraphHeaders().describe('Header rules of this subgraph, applied behind those of all.'),
})

/** How subgraphs are called. */
export const upstreamOptions = z
  .strictObject({
    timeoutMs: milliseconds()
      .default(3_000)
      .describe('Time for one subgraph call with its retry, in milliseconds.'),
    connectTimeoutMs: milliseconds().default(1_000).describe('Time to open a connection, in milliseconds.'),
    maxReplyBytes: z
      .int()
      .positive()
      .default(10_000_000)
      .describe('Largest reply of a subgraph, counted after inflation, in bytes.'),
    maxReplyHeaderBytes: z.int().positive().default(65_536).describe('Largest head of a reply, in bytes.'),
    connections: z.int().positive().default(100).describe('Connections kept to one subgraph at most.'),
    protocol: protocolOption()
      .default('http1')
      .describe(
        'http2: by agreement over TLS, by prior knowledge for http:// addresses; there is no falling back.',
      ),
    pipelining: pipeliningOption()
      .default(1)
      .describe(
        'Queries sent over one HTTP/1.1 connection before the first is answered. Saves CPU, but one slow answer holds up those behind it; set it with few connections.',
      ),
    keepAliveMs: milliseconds()
      .default(4_000)
      .describe(
        'How long an idle connection is kept, in milliseconds; a hint of the subgraph is honoured. Keep it under what the subgraph allows.',
      ),
    maxConcurrentCalls: z
      .int()
      .positive()
      .default(100)
      .describe('Calls in flight to one subgraph; more are refused with SUBGRAPH_UNAVAILABLE.'),
    shareInFlight: z
      .boolean()
      .default(true)
      .describe(
        'Whether equal queries of one caller that are in flight together share one call; mutations never do.',
      ),
    retry: retryOptions.prefault({}).describe('Repeating failed queries.'),
    breaker: breakerOptions.prefault({}).describe('The circuit breaker of each subgraph.'),
    identityHeaders: z
      .enum(['auto', 'signed', 'plain', 'none'])
      .default('auto')
      .describe(
        'Whether subgraphs are told who asks. auto: signed when signing.secret is set, plain otherwise.',
      ),
    signing: signingOptions.prefault({}).describe('The signature over identity headers and body.'),
    headers: headersOptions
      .prefault({})
      .describe('Which headers pass between clients and subgraphs; none without a rule.'),
    subscriptions: eventOptions.prefault({}).describe('Reading the events of subscriptions.'),
    subgraphs: z
      .record(z.string(), subgraphOptions)
      .default({})
      .describe('Settings of single subgraphs, by their name in the supergraph.'),
  })
  .refine((options) => options.identityHeaders !== 'signed' || options.signing.secret !== '', {
    path: ['signing', 'secret'],
    error: 'is needed when identityHeaders is signed',
  })
  .superRefine((options, context) => {
    for (const fault of findRuleFaults(options)) context.addIssue({ code: 'custom', ...fault })
  })

export type UpstreamOptions = z.output<typeof upstreamOptions>
