/**
 * Compiled by `npm run types`, never run: each line marked as an expected error must fail to compile, or the
 * compiler reports the mark as unused. So the order of the line is held by types alone.
 */
import type { Line } from '../../src/pipeline/line.js'
import type { Received } from '../../src/kernel/contexts.js'

export function wrongOrders(line: Line, received: Received): void {
  // @ts-expect-error limitRequest before identify
  void line.limitRequest.run(received)
  // @ts-expect-error resolveDocument before identify and limitRequest
  void line.resolveDocument.run(received)
  // @ts-expect-error authorize before resolveDocument
  void line.authorize.run(received)
  // @ts-expect-error the cache before authorize
  void line.cache.read(received)
  // @ts-expect-error fetch before plan
  void line.fetch.run(received)

  // @ts-expect-error two stages swapped
  accept({ ...line, authorize: line.limitOperation, limitOperation: line.authorize })
  // @ts-expect-error a stage left out
  accept({ ...line, authorize: undefined })
}

declare function accept(line: Line): void
