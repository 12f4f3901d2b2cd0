import { Deadline } from '../../src/kernel/deadline.js'
import type { Received } from '../../src/kernel/contexts.js'
import { ResponseHead } from '../../src/kernel/response-head.js'

/** A request as it comes in, with harmless facts; a test names only what matters to it. */
export function makeReceived(overrides: Partial<Received> = {}): Received {
  return {
    requestId: 'request-1',
    credentials: {},
    client: { address: '127.0.0.1' },
    deadline: new Deadline(10_000),
    responseHead: new ResponseHead(),
    frontEnd: 'graphql',
    request: { readOnly: false },
    ...overrides,
  }
}
