import { pino, type DestinationStream } from 'pino'
import type { Logger } from '../kernel/ports/logger.js'
import type { LogOptions } from './options.js'
import { redactFacts, redactText } from './redaction.js'

export interface FlushableLogger extends Logger {
  /** Writes out what is still buffered, before the process exits. */
  readonly flush: () => void
}

/** Lines waiting for a reader that does not read; beyond it they are dropped rather than kept, in bytes. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** Makes the log: one JSON object per line on standard output, or on the stream given, free of secrets. */
export function createLogger(options: LogOptions, destination?: DestinationStream): FlushableLogger {
  const stdout = destination === undefined ? openStandardOutput() : undefined
  const log = pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: redactFacts },
      // By then an error is described already, with less in it than pino's serializer would put there.
      serializers: { err: (described: unknown) => described },
    },
    destination ?? stdout ?? process.stdout,
  )
  return {
    debug: (facts, message) => {
      log.debug(facts, redactText(message))
    },
    info: (facts, message) => {
      log.info(facts, redactText(message))
    },
    warn: (facts, message) => {
      log.warn(facts, redactText(message))
    },
    error: (facts, message) => {
      log.error(facts, redactText(message))
    },
    flush: () => {
      stdout?.flushSync()
    },
  }
}

function openStandardOutput(): ReturnType<typeof pino.destination> {
  const stdout = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES })
  // A reader that went away (EPIPE) may not take the gateway with it.
  stdout.on('error', () => undefined)
  return stdout
}
