import type { RawData, WebSocket } from 'ws'
import {
  receive,
  type Arrival,
  type Credentials,
  type Identified,
  type Received,
} from '../../kernel/contexts.js'
import { Deadline } from '../../kernel/deadline.js'
import { GatewayError } from '../../kernel/gateway-error.js'
import { isCredentialRefused } from '../../kernel/is-credential-refused.js'
import type { CurrentGeneration, Generation } from '../../kernel/generation.js'
import type { JsonObject } from '../../kernel/json.js'
import type { OperationRequest } from '../../kernel/operation.js'
import { notLoaded, shuttingDown } from '../../kernel/out-of-service.js'
import type { Placed } from '../../kernel/placed-list.js'
import type { Principal } from '../../kernel/principal.js'
import { ResponseHead } from '../../kernel/response-head.js'
import { andThen, type Stage } from '../../kernel/stage.js'
import { Traffic } from '../../kernel/traffic.js'
import type { AccessLogPorts } from '../access-log.js'
import { crowded } from '../crowded.js'
import type { RequestRules } from '../graphql-request.js'
import type { InFlight } from '../in-flight.js'
import { readClientMessage, type ClientMessage } from './client-message.js'
import { CLOSINGS, type ClosingName } from './close-codes.js'
import { CredentialWatch } from './credential-watch.js'
import { Heartbeat } from './heartbeat.js'
import { joinCredentials } from './init-credentials.js'
import { MessageBudget } from './message-budget.js'
import type { WebSocketOptions } from './options.js'
import { Outbox } from './outbox.js'
import { recordOperation, recordSocket } from './record-operation.js'
import { SocketFault } from './socket-fault.js'
import { SocketOperation } from './socket-operation.js'
import type { Visitor } from './visitor.js'

export interface ConnectionParts extends AccessLogPorts {
  readonly options: WebSocketOptions
  readonly requestTimeoutMs: number
  readonly requestRules: RequestRules
  readonly current: CurrentGeneration
  /** The stage with which every operation begins; asked when a client introduces itself, and from time to time then. */
  readonly identify: Stage<Received, Identified>
  /** What is under way in this process, HTTP requests included, and how much of it there may be. */
  readonly inFlight: InFlight
  readonly concurrentRequests: number
  /** Whether the bytes of operations are counted for whoever the line says. */
  readonly countsTraffic?: boolean
}

type State = 'waiting' | 'identifying' | 'open' | 'closing'

/**
 * One socket and the protocol on it (graphql-transport-ws).
 *
 * What goes wrong with an operation is a message of its own; what goes wrong with the socket closes it, with a code of
 * {@link CLOSINGS}. Operations run on the line and nowhere else; the caller is known anew for each of them.
 */
export class Connection implements Placed {
  place = -1
  readonly visitor: Visitor
  readonly #socket: WebSocket
  readonly #parts: ConnectionParts
  readonly #outbox: Outbox
  readonly #budget: MessageBudget
  readonly #heartbeat: Heartbeat
  readonly #watch: CredentialWatch
  readonly #operations = new Map<string, SocketOperation>()
  readonly #initTimer: NodeJS.Timeout
  readonly #openedAtMs: number
  #state: State = 'waiting'
  #credentials: Credentials
  #isDraining = false
  /** Operations that hold a place: one that is cancelled does so until the line has let go of it. */
  #live = 0
  /** Those of them that have no reply yet. */
  #working = 0
  /** All operations so far; numbers their request ids. */
  #count = 0

  constructor(socket: WebSocket, visitor: Visitor, parts: ConnectionParts) {
    const { options, clock } = parts
    this.visitor = visitor
    this.#socket = socket
    this.#parts = parts
    this.#credentials = visitor.credentials
    this.#openedAtMs = clock.now()
    const limits = { bytes: options.sendBufferBytes, stallMs: options.pongTimeoutMs }
    this.#outbox = new Outbox(socket, limits, () => {
      this.close('tooSlow')
    })
    this.#budget = new MessageBudget(options.messagesPerSecond)
    this.#heartbeat = new Heartbeat(socket, options)
    this.#watch = new CredentialWatch({
      clock,
      checkMs: options.identityCheckMs,
      identify: () => this.#identify(),
      onVoid: () => {
        this.close('forbidden')
      },
    })
    this.#initTimer = setTimeout(() => {
      this.close('initTimeout')
    }, options.initTimeoutMs)
    socket.on('message', (data, isBinary) => {
      this.#receive(data, isBinary)
    })
    // Frames that are none: ws closes the socket by itself, with the code of RFC 6455.
    socket.on('error', () => undefined)
    socket.on('close', (code) => {
      this.#end()
      recordSocket({ visitor, code, operations: this.#count, openedAtMs: this.#openedAtMs }, parts)
    })
    if (socket.protocol === '') this.close('subprotocolNotAcceptable')
  }

  /** Takes no new operations, and closes when those that are under way have their answer. */
  drain(): void {
    this.#isDraining = true
    if (this.#working === 0) this.close('goingAway')
  }

  /** Without a word: for what does not answer any more. */
  cutOff(): void {
    this.#socket.terminate()
  }

  close(name: ClosingName, reason: string = CLOSINGS[name].reason): void {
    if (this.#state === 'closing') return
    this.#end()
    this.#socket.close(CLOSINGS[name].code, reason)
  }

  /** Nothing of this socket goes on. */
  #end(): void {
    this.#state = 'closing'
    clearTimeout(this.#initTimer)
    this.#heartbeat.stop()
    this.#watch.stop()
    for (const operation of this.#operations.values()) operation.cancel()
    this.#operations.clear()
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#state === 'closing') return
    try {
      this.#budget.take()
      if (isBinary || !Buffer.isBuffer(data)) throw new SocketFault('badRequest', 'Messages are text.')
      this.#take(readClientMessage(data, this.#parts.requestRules), data.length)
    } catch (fault) {
      this.#fail(fault)
    }
  }

  #take(message: ClientMessage, bytes: number): void {
    switch (message.type) {
      case 'connection_init':
        if (this.#state !== 'waiting') throw new SocketFault('tooManyInits')
        this.#state = 'identifying'
        clearTimeout(this.#initTimer)
        void this.#welcome(message.payload)
        return
      case 'ping':
        this.#outbox.pong(message.payload)
        return
      case 'pong':
        return
      case 'complete':
        this.#operations.get(message.id)?.cancel()
        this.#operations.delete(message.id)
        return
      case 'subscribe':
        if (this.#state !== 'open') throw new SocketFault('unauthorized')
        if (this.#operations.has(message.id)) {
          throw new SocketFault('subscriberExists', `Subscriber for ${message.id} already exists`)
        }
        void this.#serve(message.id, message.request, bytes)
    }
  }

  async #welcome(payload: JsonObject | undefined): Promise<void> {
    try {
      this.#credentials = joinCredentials(this.visitor.credentials, payload)
      const principal = await this.#identify()
      if (this.#isClosing()) return
      this.#state = 'open'
      this.#watch.start(principal)
      this.#outbox.acknowledge()
    } catch (fault) {
      this.#fail(fault)
    }
  }

  #identify(): Principal | Promise<Principal> {
    const context = this.#receiveOperation(
      this.visitor.requestId,
      { deadline: new Deadline(this.#parts.requestTimeoutMs) },
      { readOnly: true },
    )
    return andThen(this.#parts.identify.run(context), ({ principal }) => principal)
  }

  async #serve(id: string, request: OperationRequest, receivedBytes: number): Promise<void> {
    const { requestTimeoutMs, clock, countsTraffic } = this.#parts
    const startedAtMs = clock.now()
    this.#count += 1
    const requestId = `${this.visitor.operationPrefix}-${String(this.#count)}`
    const operation = new SocketOperation(id, new Deadline(requestTimeoutMs), this.#outbox)
    operation.logged.clientName = this.visitor.client.name
    operation.receivedBytes = receivedBytes
    if (countsTraffic === true) operation.traffic = new Traffic()
    try {
      const generation = this.#admit()
      const received = this.#receiveOperation(requestId, operation, request)
      await this.#run(operation, received, generation)
    } catch (fault) {
      if (fault instanceof GatewayError) {
        this.#parts.metrics.countError(fault.code)
        operation.refuse(fault)
      } else this.#fail(fault)
    }
    recordOperation(operation, { requestId, startedAtMs }, this.#parts)
  }

  async #run(operation: SocketOperation, received: Received, generation: Generation): Promise<void> {
    const { id } = operation
    this.#operations.set(id, operation)
    this.#live += 1
    try {
      const stream = await this.#ask(operation, received, generation)
      if (stream === undefined) return
      await operation.read(stream)
      if (stream.end === 'expired') this.close('forbidden')
      if (stream.end === 'shutdown') this.drain()
    } finally {
      this.#live -= 1
      if (this.#operations.get(id) === operation) this.#operations.delete(id)
    }
  }

  async #ask(operation: SocketOperation, received: Received, { runOperation }: Generation) {
    const { inFlight } = this.#parts
    this.#working += 1
    inFlight.add(operation)
    try {
      return await operation.run(received, runOperation)
    } finally {
      this.#working -= 1
      inFlight.delete(operation)
      if (this.#isDraining && this.#working === 0) this.close('goingAway')
    }
  }

  /** Raises what stands against another operation before the line is asked. */
  #admit(): Generation {
    const { options, inFlight, concurrentRequests, current } = this.#parts
    if (this.#isDraining) throw shuttingDown()
    if (this.#live >= options.operationsPerSocket) {
      throw crowded(
        `At most ${String(options.operationsPerSocket)} operations at once are served on one socket.`,
      )
    }
    if (inFlight.isOver(concurrentRequests - 1)) throw crowded('Too many requests are in flight.')
    const generation = current()
    if (generation !== undefined) return generation
    throw notLoaded()
  }

  #receiveOperation(
    requestId: string,
    { deadline, traffic }: Pick<SocketOperation, 'deadline'> & Pick<Arrival, 'traffic'>,
    request: OperationRequest,
  ): Received {
    const { client } = this.visitor
    const responseHead = new ResponseHead()
    return receive(
      { requestId, credentials: this.#credentials, client, deadline, responseHead, traffic },
      { frontEnd: 'graphql', request, carriesStream: true },
    )
  }

  /** A method, so that the compiler does not believe what it saw before a wait. */
  #isClosing(): boolean {
    return this.#state === 'closing'
  }

  #fail(fault: unknown): void {
    const { metrics, logger } = this.#parts
    if (fault instanceof SocketFault) this.close(fault.closing, fault.message)
    else if (fault instanceof GatewayError) {
      metrics.countError(fault.code)
      this.close(isCredentialRefused(fault) ? 'forbidden' : 'tryAgainLater')
    } else {
      logger.error({ requestId: this.visitor.requestId, err: fault }, 'unexpected fault on a socket')
      this.close('internalError')
    }
  }
}
