import { open } from 'node:fs/promises'
import type { DependencyHealth } from '../../kernel/ports/health.js'
import type { Logger } from '../../kernel/ports/logger.js'
import { identityUnavailable, invalidToken } from '../refusals.js'
import type { RevocationsOptions } from './options.js'
import { parseRevocations, type Revocations } from './parse-revocations.js'

/** What a list can name a token by. */
export interface NamedToken {
  readonly tokenId: string | undefined
  readonly subject: string
  readonly issuedAtSeconds: number
}

/** Longest line that can be a revocation, in bytes. */
const MAX_LINE_BYTES = 1_100

/**
 * The tokens that are void before their time, read from a file again and again.
 *
 * A file that cannot be read or holds a line that is no revocation changes nothing: the last good list stays. Before
 * there was a first one no token is believed, for any of them may be on it.
 */
export class RevocationList {
  readonly #options: RevocationsOptions
  readonly #logger: Logger
  #list: Revocations | undefined
  /** Tells one state of the file from the next. */
  #version: string | undefined
  #fault: string | undefined
  #reading: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: RevocationsOptions, logger: Logger) {
    this.#options = options
    this.#logger = logger
  }

  /** Reads the list and goes on reading it. */
  async start(): Promise<void> {
    await this.refresh()
    const { refreshSeconds } = this.#options
    this.#timer = setInterval(() => void this.refresh(), refreshSeconds * 1_000).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Looks whether the file has changed. Never rejects; calls at the same time share one look. */
  refresh(): Promise<void> {
    this.#reading ??= this.#readIfChanged()
      .then(
        () => this.#noteSuccess(),
        (error: unknown) => this.#noteFault(error),
      )
      .finally(() => {
        this.#reading = undefined
      })
    return this.#reading
  }

  /** Refuses a token that the list names, however well it was verified. */
  assertGood({ tokenId, subject, issuedAtSeconds }: NamedToken): void {
    if (this.#list === undefined) throw identityUnavailable(2)
    const { tokenIds, subjects } = this.#list
    if (tokenId !== undefined && tokenIds.has(tokenId)) throw invalidToken('revoked by its id')
    const until = subjects.get(subject)
    if (until !== undefined && issuedAtSeconds <= until) throw invalidToken('revoked with its subject')
  }

  /** Required until there is a list, since no token is believed without one. */
  health(): DependencyHealth {
    const name = 'revocation list'
    if (this.#list === undefined) {
      return { name, state: 'down', required: true, detail: 'The list was never read: no token is believed.' }
    }
    if (this.#fault === undefined) return { name, state: 'up', required: true }
    return { name, state: 'degraded', required: true, detail: `The last good list serves: ${this.#fault}.` }
  }

  async #readIfChanged(): Promise<void> {
    const file = await open(this.#options.file)
    try {
      const { ino, size, mtimeNs } = await file.stat({ bigint: true })
      const version = `${ino} ${size} ${mtimeNs}`
      if (version === this.#version) return
      const { maxEntries } = this.#options
      if (size > BigInt(maxEntries) * BigInt(MAX_LINE_BYTES)) throw new Error('the file is too large')
      this.#list = parseRevocations(await file.readFile('utf8'), maxEntries)
      // Only now: what could not be read is tried again.
      this.#version = version
    } finally {
      await file.close()
    }
  }

  #noteSuccess(): void {
    if (this.#fault !== undefined) this.#logger.info({}, 'revocation list is read again')
    this.#fault = undefined
  }

  #noteFault(error: unknown): void {
    const fault = describe(error)
    if (this.#fault !== fault) this.#logger.error({ err: error }, 'revocation list cannot be read')
    this.#fault = fault
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown fault'
  return 'code' in error ? `the file cannot be read (${String(error.code)})` : error.message
}
