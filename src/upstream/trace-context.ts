import { createHash, randomBytes } from 'node:crypto'

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const ZERO = /^0+$/

/** Span ids need to be unique, not secret: a random half per process and a counter. */
const PROCESS_HALF = randomBytes(4).toString('hex')
let spans = 0

/**
 * The W3C trace context of one subgraph call: continues the client's trace, or begins one for the request.
 *
 * A trace that begins here takes its id from the request id, so that all calls of a request share it and a log
 * line leads to its trace.
 */
export function toTraceparent(requestId: string, incoming: string | undefined): string {
  // The calls of a request mostly come one after the other.
  if (last.requestId !== requestId || last.incoming !== incoming) last = traceOf(requestId, incoming)
  return `00-${last.traceId}-${nextSpanId()}-${last.flags}`
}

interface Trace {
  readonly requestId: string | undefined
  readonly incoming: string | undefined
  readonly traceId: string
  readonly flags: string
}

let last: Trace = { requestId: undefined, incoming: undefined, traceId: '', flags: '' }

function traceOf(requestId: string, incoming: string | undefined): Trace {
  const received = incoming === undefined ? undefined : parse(incoming)
  const traceId = received?.traceId ?? traceIdOf(requestId)
  return { requestId, incoming, traceId, flags: received?.flags ?? '00' }
}

function parse(traceparent: string): { traceId: string; flags: string } | undefined {
  const [, version, traceId = '', parentId = '', flags = '', rest] = TRACEPARENT.exec(traceparent) ?? []
  if (version === undefined || version === 'ff' || ZERO.test(traceId) || ZERO.test(parentId)) return undefined
  // Trace Context §3.2.2.5: version 00 has exactly four parts, later ones may have more.
  return version === '00' && rest !== undefined ? undefined : { traceId, flags }
}

function traceIdOf(requestId: string): string {
  const digits = requestId.replaceAll('-', '').toLowerCase()
  if (/^[0-9a-f]{32}$/.test(digits) && !ZERO.test(digits)) return digits
  return createHash('sha256').update(requestId).digest('hex').slice(0, 32)
}

function nextSpanId(): string {
  spans = (spans + 1) >>> 0
  return PROCESS_HALF + spans.toString(16).padStart(8, '0')
}
