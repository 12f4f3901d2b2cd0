import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../kernel/ports/logger.js'
import type { UsageBatch, UsageOutbox, UsageStore } from '../kernel/ports/usage-store.js'
import type { Tally } from './tally.js'

/** Made and sent in one go, in a few milliseconds of this process's time. */
const BATCH_ROWS = 2_000

const LONGEST_PAUSE_MS = 60_000

/** Of a process that is about to end. */
const BETWEEN_LAST_ATTEMPTS_MS = 100

export interface BatchesPorts {
  readonly tally: Tally
  readonly store: UsageStore
  /** Absent where there is no folder for one. */
  readonly outbox: UsageOutbox | undefined
  readonly logger: Logger
  readonly flushIntervalMs: number
  readonly onFlush: (outcome: 'written' | 'failed') => void
}

/**
 * Takes counts out of the tally and writes them to the store, in batches that count once however often they are sent.
 *
 * One at a time: the batch that failed is sent again, word for word, before there is another; meanwhile counts gather
 * in the tally, row by row rather than request by request, so that an outage does not fill the memory.
 */
export class Batches {
  readonly #ports: BatchesPorts
  readonly #instance = randomUUID()
  #sequence = 0
  #unwritten: UsageBatch | undefined
  #failures = 0
  #retryAt = 0
  #outbox: 'unsent' | 'failed' | 'sent' = 'unsent'

  constructor(ports: BatchesPorts) {
    this.#ports = ports
  }

  /** Rows that are not in the store yet. */
  get waiting(): number {
    return this.#ports.tally.waiting + (this.#unwritten?.rows.length ?? 0)
  }

  get isFailing(): boolean {
    return this.#failures > 0
  }

  /**
   * Writes all there is; false where the store failed, or is left alone after a failure.
   *
   * `whenWritten` is called at the moment when the store has all that has been counted.
   */
  async flush(whenWritten: () => void = () => undefined): Promise<boolean> {
    if (this.#failures > 0 && performance.now() < this.#retryAt) return false
    return this.#tryToWriteAll(whenWritten)
  }

  /**
   * Writes all there is before the process ends, again and again within this time; what is left goes into the outbox.
   */
  async flushForTheLastTime(withinMs: number): Promise<void> {
    const until = performance.now() + withinMs
    while (!(await this.#tryToWriteAll(() => undefined))) {
      if (performance.now() >= until) {
        await this.#putAway()
        return
      }
      await pause(BETWEEN_LAST_ATTEMPTS_MS)
    }
  }

  async #tryToWriteAll(whenWritten: () => void): Promise<boolean> {
    try {
      await this.#writeAll(whenWritten)
      if (this.#failures > 0) this.#ports.logger.info({}, 'usage is written again')
      this.#failures = 0
    } catch (error) {
      this.#failures += 1
      const { flushIntervalMs, logger, onFlush } = this.#ports
      this.#retryAt =
        performance.now() + Math.min(LONGEST_PAUSE_MS, flushIntervalMs * 2 ** (this.#failures - 1))
      if (this.#failures === 1)
        logger.warn({ err: error, rows: this.waiting }, 'usage cannot be written; it is kept and sent again')
      onFlush('failed')
      return false
    }
    await this.#trySendingOutbox()
    return true
  }

  /** After our own, which a spoilt file there does not hold up; what it tells is no news the second time. */
  async #trySendingOutbox(): Promise<void> {
    const { store, outbox, logger } = this.#ports
    if (outbox === undefined || this.#outbox === 'sent') return
    try {
      await outbox.sendAll((batch) => store.add(batch))
      this.#outbox = 'sent'
    } catch (error) {
      if (this.#outbox === 'unsent')
        logger.warn(
          { err: error },
          'usage that an earlier process left cannot be written yet; it is tried again',
        )
      this.#outbox = 'failed'
    }
  }

  async #writeAll(whenWritten: () => void): Promise<void> {
    const { store, onFlush } = this.#ports
    for (;;) {
      this.#unwritten ??= this.#nextBatch()
      if (this.#unwritten === undefined) {
        whenWritten()
        return
      }
      await store.add(this.#unwritten)
      this.#unwritten = undefined
      onFlush('written')
    }
  }

  #nextBatch(): UsageBatch | undefined {
    const rows = this.#ports.tally.take(BATCH_ROWS)
    if (rows.length === 0) return undefined
    this.#sequence += 1
    return { instance: this.#instance, sequence: this.#sequence, rows }
  }

  async #putAway(): Promise<void> {
    const left: UsageBatch[] = []
    for (let batch = this.#unwritten ?? this.#nextBatch(); batch !== undefined; batch = this.#nextBatch())
      left.push(batch)
    if (left.length === 0) return
    const { outbox, logger } = this.#ports
    const rows = left.flatMap((batch) => batch.rows)
    const requests = rows.reduce((sum, row) => sum + row.requests, 0)
    try {
      if (outbox === undefined) throw new Error('There is no usage.directory to keep it in.')
      await outbox.put(left)
      logger.warn({ rows: rows.length, requests }, 'usage could not be written; the next start sends it')
    } catch (error) {
      logger.error({ err: error, rows: rows.length, requests }, 'usage could not be written and is lost')
    }
  }
}
