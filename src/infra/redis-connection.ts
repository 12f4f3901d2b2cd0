import { Command, Redis, ReplyError, type RedisOptions as ClientOptions } from 'ioredis'
import type { DependencyHealth } from '../kernel/ports/health.js'
import type { Logger } from '../kernel/ports/logger.js'
import type { RedisOptions } from './options.js'
import { createPulse, type Pulse } from './redis-pulse.js'

export type RedisState = 'up' | 'down'

/** A command whose caller waits shorter or longer for it than `commandTimeoutMs`. */
export interface TimedCommand {
  readonly name: string
  readonly args: readonly (string | number)[]
  /** `null`: the reply as bytes. */
  readonly replyEncoding: 'utf8' | null
}

export interface RedisConnection {
  /** Every command sent by it has `commandTimeoutMs` for its time limit. */
  readonly client: Redis
  /** Sends a command with a time limit of its own, in place of the connection's. */
  readonly sendWithin: (timeoutMs: number, command: TimedCommand) => Promise<unknown>
  /** `down` also while a connected Redis does not answer: nobody needs to wait to find out. */
  readonly state: () => RedisState
  readonly health: () => DependencyHealth
  readonly close: () => Promise<void>
}

export interface RedisConnectionPorts {
  readonly logger: Logger
  readonly onStateChange?: (state: RedisState) => void
}

/** Caps the pause between two attempts, so that a returned Redis is in use within 5 s (design §4, "Limits"). */
const LONGEST_PAUSE_MS = 1_000
const CONNECT_TIMEOUT_MS = 2_000
const DISCONNECT_TIMEOUT_MS = 250

/**
 * Connects to Redis in the background and says at any moment whether it can be used.
 *
 * Never fails and never makes anybody wait: an unreachable Redis is one warning, and commands are refused at
 * once until it answers.
 */
export function createRedisConnection(options: RedisOptions, ports: RedisConnectionPorts): RedisConnection {
  const client = new WatchedRedis(options.url, toClientOptions(options), options.commandTimeoutMs)
  const report = createReport(client, ports)
  const pulse = createPulse({
    ping: () => client.ping(),
    onChange: (alive) => {
      report(alive ? 'up' : 'down')
    },
    giveUp: () => {
      client.disconnect(true)
    },
  })
  client.onTimeout = pulse.suspect
  client.onRefusal = createRefusalReport(ports)
  client.onDatabaseRefusal = (reason) => {
    report('down', reason)
  }
  client.on('ready', () => {
    if (!client.isInItsDatabase) return
    pulse.reset()
    report('up')
  })
  client.on('close', () => {
    pulse.reset()
    report('down')
  })
  client.connect().catch(() => undefined)

  const state = (): RedisState =>
    client.status === 'ready' && client.isInItsDatabase && pulse.isAlive() ? 'up' : 'down'
  return {
    client,
    sendWithin: (timeoutMs, { name, args, replyEncoding }) =>
      client.sendWithin(
        timeoutMs,
        new Command(name, [...args], { replyEncoding, keyPrefix: options.keyPrefix }),
      ),
    state,
    health: () => toHealth(state()),
    close: () => close(client, state(), pulse),
  }
}

/**
 * ioredis that gives a command up when no answer came in time, and tells of it and of commands that Redis refused.
 *
 * Where Redis refuses the database of the URL, ioredis would go on in the first one, which may be that of somebody else; this
 * gives the connection up, and tries again.
 */
class WatchedRedis extends Redis {
  isInItsDatabase = true
  onTimeout: () => void = () => undefined
  onRefusal: (reason: string) => void = () => undefined
  onDatabaseRefusal: (reason: string) => void = () => undefined
  readonly #timeoutMs: number

  constructor(url: string, options: ReturnType<typeof toClientOptions>, timeoutMs: number) {
    super(url, options)
    this.#timeoutMs = timeoutMs
  }

  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]): unknown {
    if (command.name === 'select') this.#watchDatabase(command)
    const sent = super.sendCommand(command, stream)
    this.#watch(command, this.#timeoutMs)
    return sent
  }

  sendWithin(timeoutMs: number, command: Command): Promise<unknown> {
    super.sendCommand(command)
    this.#watch(command, timeoutMs)
    return command.promise as Promise<unknown>
  }

  #watchDatabase({ promise }: Command): void {
    promise.then(
      () => {
        this.isInItsDatabase = true
      },
      (error: unknown) => {
        if (!(error instanceof ReplyError)) return
        this.isInItsDatabase = false
        this.onDatabaseRefusal((error as Error).message)
        this.disconnect(true)
      },
    )
  }

  /**
   * In place of ioredis' own time limit: that one also gives up what has long been answered, where our event loop was
   * late, since timers come before sockets in its turn. Here the sockets are read first.
   */
  #watch(command: Command, timeoutMs: number): void {
    if (this.status !== 'ready') return
    const timer = setTimeout(() => {
      setImmediate(() => {
        command.reject(new Error(TIMED_OUT))
      })
    }, timeoutMs)
    const settled = (): void => {
      clearTimeout(timer)
    }
    command.promise.then(settled, (error: unknown) => {
      settled()
      if (isTimeout(error)) this.onTimeout()
      else if (error instanceof ReplyError) this.onRefusal((error as Error).message)
    })
  }
}

/** In the words of ioredis. */
const TIMED_OUT = 'Command timed out'

/** Says whether a command failed for want of an answer, rather than with one. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === TIMED_OUT
}

function toClientOptions(options: RedisOptions) {
  return {
    lazyConnect: true,
    keyPrefix: options.keyPrefix,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // Nothing waits for a connection, and nothing is sent twice: by then its caller went on without Redis.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    retryStrategy: (attempt: number) => Math.min(attempt * 100, LONGEST_PAUSE_MS),
  } satisfies ClientOptions
}

/** Logs and passes on changes only: one warning per outage, however many attempts fail during it. */
function createReport(
  client: Redis,
  ports: RedisConnectionPorts,
): (state: RedisState, reason?: string) => void {
  let reported: RedisState | undefined
  let lastReason = 'no answer'
  client.on('error', (error: Error & { code?: string }) => {
    lastReason = error.code ?? error.message
  })
  return (state, reason = lastReason) => {
    if (state === reported) return
    if (state === 'down') {
      ports.logger.warn(
        { reason },
        'Redis is away; limits and caches are kept by this instance until it is back.',
      )
    } else {
      ports.logger.info({}, 'Redis is in use.')
      lastReason = 'no answer'
    }
    reported = state
    ports.onStateChange?.(state)
  }
}

/**
 * Logs each kind of refusal once: who asked goes on without Redis, so that nothing else shows that one which lacks a right,
 * cannot write or is a node of a cluster shares nothing.
 */
function createRefusalReport({ logger }: RedisConnectionPorts): (reason: string) => void {
  // That Redis does not know a script yet is how ioredis finds out to send its text.
  const told = new Set(['NOSCRIPT'])
  return (reason) => {
    const [kind = ''] = reason.split(' ', 1)
    if (told.has(kind)) return
    told.add(kind)
    logger.warn({ reason }, 'Redis refuses commands; what they were for is done by this instance alone.')
  }
}

function toHealth(state: RedisState): DependencyHealth {
  return {
    name: 'redis',
    state,
    required: false,
    ...(state === 'up' ? {} : { detail: 'Limits and caches are kept by this instance until it is back.' }),
  }
}

async function close(client: Redis, state: RedisState, pulse: Pulse): Promise<void> {
  client.removeAllListeners('close')
  // QUIT comes after all that was sent, so that the last writes of a draining instance are not lost.
  if (state === 'up') await client.quit().catch(() => undefined)
  pulse.reset()
  client.disconnect()
}
