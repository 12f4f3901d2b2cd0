import { WebSocket, type ClientOptions } from 'ws'

export interface SocketOptions extends ClientOptions {
  /** As they are offered in the handshake; graphql-transport-ws by default. */
  readonly protocols?: string | string[]
  readonly path?: string
}

export interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: any
}

export interface Closed {
  readonly code: number
  readonly reason: string
}

/** One socket as a client of graphql-transport-ws sees it. */
export interface SocketClient {
  readonly socket: WebSocket
  /** Resolves when the socket is closed, whoever closed it. */
  readonly closed: Promise<Closed>
  /** Texts and buffers go out as they are, everything else as JSON. */
  readonly send: (message: unknown) => void
  /** The next message of the server in the order in which they came. */
  readonly next: () => Promise<Message>
  /** Introduces the client and waits until it is acknowledged. */
  readonly init: (payload?: object) => Promise<void>
  readonly subscribe: (id: string, query: string, more?: object) => void
  /** What came of an operation, up to its end. */
  readonly outcome: (id: string) => Promise<readonly Message[]>
}

const open = new Set<WebSocket>()

/** Cuts off what a test left open. */
export function closeSockets(): void {
  for (const socket of open) socket.terminate()
  open.clear()
}

/** Opens a socket; rejects with {@link RefusedHandshake} where the server answers over HTTP. */
export async function openSocketClient(
  url: string,
  { protocols = 'graphql-transport-ws', path = '/graphql', ...options }: SocketOptions = {},
): Promise<SocketClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, protocols, options)
  open.add(socket)
  const client = followSocket(socket)
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => {
        reject(new RefusedHandshake(response.statusCode ?? 0, response.headers, body))
      })
    })
  })
  return client
}

export class RefusedHandshake extends Error {
  constructor(
    readonly status: number,
    readonly headers: NodeJS.Dict<string | string[]>,
    readonly body: string,
  ) {
    super(`The handshake was refused with ${String(status)}: ${body}`)
  }

  get code(): string {
    return (JSON.parse(this.body) as { code: string }).code
  }
}

function followSocket(socket: WebSocket): SocketClient {
  const arrived: Message[] = []
  const waiting: { resolve: (message: Message) => void; reject: (error: Error) => void }[] = []
  const closed = new Promise<Closed>((resolve) => {
    socket.once('close', (code, reason) => {
      resolve({ code, reason: String(reason) })
    })
  })
  void closed.then(({ code, reason }) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`closed with ${String(code)} ${reason}`))
  })
  socket.on('error', () => undefined)
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message
    const waiter = waiting.shift()
    if (waiter === undefined) arrived.push(message)
    else waiter.resolve(message)
  })
  const next = (): Promise<Message> => {
    const message = arrived.shift()
    if (message !== undefined) return Promise.resolve(message)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }
  const send = (message: unknown): void => {
    const isRaw = typeof message === 'string' || Buffer.isBuffer(message)
    socket.send(isRaw ? message : JSON.stringify(message))
  }
  return {
    socket,
    closed,
    send,
    next,
    async init(payload) {
      send({ type: 'connection_init', payload })
      const { type } = await next()
      if (type !== 'connection_ack') throw new Error(`got ${type} in place of connection_ack`)
    },
    subscribe(id, query, more = {}) {
      send({ id, type: 'subscribe', payload: { query, ...more } })
    },
    async outcome(id) {
      const messages: Message[] = []
      for (;;) {
        const message = await next()
        if (message.id === id) messages.push(message)
        if (message.id === id && message.type !== 'next') return messages
      }
    },
  }
}
