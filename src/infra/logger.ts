import { destination as openDestination } from 'pino'
import type { Logger } from '../kernel/ports/logger.js'
import { LineBatch } from './line-batch.js'
import { writeLogLine } from './log-line.js'
import type { LogOptions } from './options.js'

export interface FlushableLogger extends Logger {
  /** Writes out what is still buffered, before the process exits. */
  readonly flush: () => void
}

/** Where lines go: one at a time, or several as one text. */
export interface LogDestination {
  readonly write: (lines: string) => void
}

/** Lines waiting for a reader that does not read; beyond it they are dropped rather than kept, in bytes. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** The least important first; the names are those of the log and of its option. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const

type Write = Logger['info']

const WRITE_NOTHING: Write = () => undefined

/** Makes the log: one JSON object per line on standard output, or on the destination given, free of secrets. */
export function createLogger(options: LogOptions, destination?: LogDestination): FlushableLogger {
  const { write, flush } = destination === undefined ? openStandardOutput() : toWriter(destination)
  const least = LEVELS.indexOf(options.level)
  const writeAt = (level: keyof Logger): Write => {
    if (LEVELS.indexOf(level) < least) return WRITE_NOTHING
    return (facts, message) => {
      write(writeLogLine(level, facts, message), level)
    }
  }
  return {
    debug: writeAt('debug'),
    info: writeAt('info'),
    warn: writeAt('warn'),
    error: writeAt('error'),
    flush,
  }
}

interface LineWriter {
  readonly write: (line: string, level: keyof Logger) => void
  readonly flush: () => void
}

function toWriter(destination: LogDestination): LineWriter {
  return { write: (line) => destination.write(line), flush: () => undefined }
}

/** Standard output through pino's destination, which copes with slow readers, full pipes and partial writes. */
function openStandardOutput(): LineWriter {
  const stdout = openDestination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES })
  // A reader that went away (EPIPE) may not take the gateway with it.
  stdout.on('error', () => undefined)
  const batch = new LineBatch((lines) => stdout.write(lines))
  const flush = (): void => {
    batch.flush()
    stdout.flushSync()
    process.off('exit', flush)
  }
  process.on('exit', flush)
  return {
    write: (line, level) => {
      batch.add(line)
      // What an operator looks for first should not be lost if the process is killed a moment later.
      if (level === 'error') batch.flush()
    },
    flush,
  }
}
