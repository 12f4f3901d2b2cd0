import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kernel/ports/clock.js'
import type { Logger } from '../../kernel/ports/logger.js'
import type { Principal } from '../../kernel/principal.js'

/** Documents that are remembered as told. */
const MAX_TOLD = 5_000
/** A document is told again after this time, in milliseconds. */
const TOLD_FOR_MS = 3_600_000
const LINES_PER_MINUTE = 30
const MINUTE_MS = 60_000
const NAME_LENGTH = 100

/** What a line says of a document that is not trusted: never its text. */
export interface UnlistedFacts {
  readonly identity: string
  readonly operationName: string | undefined
  readonly clientName: string | undefined
  readonly principalKind: Principal['kind']
}

/** Tells of a document that is not trusted and was let in. */
export type NoteUnlisted = (facts: UnlistedFacts) => void

/**
 * Makes the log of unlisted documents: each once an hour, and few lines a minute.
 *
 * What a client can repeat without end must fill neither the disk nor the memory.
 */
export function createUnlistedLog(logger: Logger, clock: Clock): NoteUnlisted {
  const told = new LRUCache<string, true>({ max: MAX_TOLD, ttl: TOLD_FOR_MS, perf: clock, ttlResolution: 0 })
  let minuteStartMs = -Infinity
  let lines = 0
  let untold = 0
  return ({ identity, operationName, clientName, principalKind }) => {
    if (told.has(identity)) return
    const nowMs = clock.now()
    if (nowMs - minuteStartMs >= MINUTE_MS) {
      minuteStartMs = nowMs
      lines = 0
    }
    if (lines >= LINES_PER_MINUTE) {
      untold += 1
      return
    }
    lines += 1
    told.set(identity, true)
    logger.info(
      {
        documentHash: identity,
        operationName: operationName?.slice(0, NAME_LENGTH),
        clientName: clientName?.slice(0, NAME_LENGTH),
        principalKind,
        ...(untold === 0 ? {} : { untold }),
      },
      'a document that is not trusted was let in',
    )
    untold = 0
  }
}
