import { buildConnector, H2CClient, Pool, type Dispatcher } from 'undici'

/** How the connections to one subgraph are made; times in milliseconds, sizes in bytes. */
export interface ConnectionOptions {
  readonly protocol: 'http1' | 'http2'
  /** Null: as many as are needed. */
  readonly connections: number | null
  readonly pipelining: number
  readonly maxConcurrentCalls: number
  readonly connectTimeoutMs: number
  readonly keepAliveMs: number
  readonly maxReplyHeaderBytes: number
  /** The certificates that are trusted instead of the system's, in PEM. */
  readonly ca?: string
}

/** What a subgraph may be asked over a connection that others are waiting on. */
const STREAMS = 100

/**
 * The connections to one subgraph.
 *
 * Queries and the rest have connections of their own where a connection carries several requests at a time: undici
 * sends what was under way again when such a connection is lost, which a mutation must never suffer, and lets a
 * mutation wait for every query before it.
 */
export class Connections {
  readonly #queries: Dispatchers
  readonly #others: Dispatchers
  readonly #openStreams: () => Dispatcher
  #streams: Dispatcher | undefined

  constructor(url: URL, options: ConnectionOptions) {
    const one = { ...options, pipelining: 1 }
    if (options.protocol === 'http2') {
      // As many streams as calls are allowed, on as few connections as carry them.
      const connections = Math.ceil(options.maxConcurrentCalls / STREAMS)
      const many = { ...options, connections, pipelining: STREAMS }
      this.#queries = new Dispatchers(() => openHttp2(url, many), true)
      this.#others = new Dispatchers(() => openHttp2(url, one), true)
      this.#openStreams = () => openHttp2(url, { ...one, connections: null })
    } else {
      const isShared = options.pipelining > 1
      this.#queries = new Dispatchers(() => openHttp1(url, options), false)
      this.#others = isShared ? new Dispatchers(() => openHttp1(url, one), false) : this.#queries
      this.#openStreams = () => openHttp1(url, { ...one, connections: null })
    }
  }

  for(isQuery: boolean): Dispatchers {
    return isQuery ? this.#queries : this.#others
  }

  /**
   * For subscriptions, which keep what they are sent over for as long as they last: connections of their own, or they
   * would leave none to calls. Their number is bounded where subscriptions are let in.
   */
  get streams(): Dispatcher {
    this.#streams ??= this.#openStreams()
    return this.#streams
  }

  /** Waits for what is under way, which deadlines bound; subscriptions have no deadline and are cut. */
  async close(): Promise<void> {
    await Promise.all([this.#queries.close(), this.#others.close(), this.#streams?.destroy()])
  }
}

/** A dispatcher that can be replaced by a fresh one while the old one finishes its requests. */
export class Dispatchers {
  readonly #open: () => Dispatcher
  readonly #outliveRequests: boolean
  readonly #closing = new Set<Promise<void>>()
  #current: Dispatcher

  /** `outliveRequests`: whether a connection stays when a request on it is given up. */
  constructor(open: () => Dispatcher, outliveRequests: boolean) {
    this.#open = open
    this.#outliveRequests = outliveRequests
    this.#current = open()
  }

  get current(): Dispatcher {
    return this.#current
  }

  /**
   * Takes new connections from now on, because one of `dispatcher` did not answer in time.
   *
   * A request that is given up takes its connection along in HTTP/1.1; in HTTP/2 the connection stays, and one whose
   * other end has vanished would go on taking requests until the system notices, which lasts a quarter of an hour.
   */
  distrust(dispatcher: Dispatcher): void {
    if (!this.#outliveRequests || dispatcher !== this.#current) return
    this.#current = this.#open()
    const closing = dispatcher.close().finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closing, this.#current.close()])
  }
}

function openHttp1({ origin }: URL, options: ConnectionOptions): Dispatcher {
  const { connections, pipelining } = options
  return new Pool(origin, {
    ...clientOptions(options),
    connect: connectOptions(options),
    connections,
    pipelining,
  })
}

/** Over TLS as negotiated (ALPN), without TLS by prior knowledge (RFC 9113 §3.2, §3.3). */
function openHttp2({ origin, protocol }: URL, options: ConnectionOptions): Dispatcher {
  const { connections, pipelining } = options
  const shared = { ...clientOptions(options), pipelining }
  if (protocol === 'http:') {
    const connect = connectOptions(options)
    const factory = (): Dispatcher => new H2CClient(origin, { ...shared, connect })
    return new Pool(origin, { connections, factory })
  }
  const connect = onlyHttp2(buildConnector({ ...connectOptions(options), allowH2: true }))
  return new Pool(origin, { ...shared, connect, allowH2: true, connections })
}

function clientOptions(options: ConnectionOptions) {
  return {
    keepAliveTimeout: options.keepAliveMs,
    maxHeaderSize: options.maxReplyHeaderBytes,
    // Deadlines bound the whole call; undici's own timers would only add work.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
}

function connectOptions({ connectTimeoutMs, ca }: ConnectionOptions) {
  return { timeout: connectTimeoutMs, ...(ca === undefined ? {} : { ca }) }
}

/** Refuses a server that falls back: a hundred requests on one HTTP/1.1 connection would wait for each other. */
function onlyHttp2(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...result) => {
      const [error, socket] = result
      if (error !== null || !('alpnProtocol' in socket) || socket.alpnProtocol === 'h2') callback(...result)
      else {
        socket.destroy()
        callback(Object.assign(new Error('HTTP/2 was not agreed on'), { code: 'NO_HTTP2' }), null)
      }
    })
  }
}
