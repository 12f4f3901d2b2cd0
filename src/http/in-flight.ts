import type { Socket } from 'node:net'
import type { Deadline } from '../kernel/deadline.js'
import type { GatewayError } from '../kernel/gateway-error.js'
import { PlacedList, type Placed } from '../kernel/placed-list.js'

/** One request that is being answered: over HTTP, or as an operation of a WebSocket. */
export interface Work extends Placed {
  /** Undefined until the request's own time runs. */
  readonly deadline: Deadline | undefined
  /** Says whether the response has begun to go out on this socket. */
  readonly isAnsweringOn: (socket: Socket) => boolean
  /** Says whether its answer is there, and only waits until the connection has carried those ahead of it. */
  readonly isWaitingItsTurn: () => boolean
  /** Answers with a refusal, where nothing has been answered yet. */
  readonly refuse: (refusal: GatewayError) => void
}

/** The requests that are being answered, and the news that there are none. */
export class InFlight {
  readonly #work = new PlacedList<Work>()
  #listeners: (() => void)[] = []
  readonly #streams = new Set<Work>()

  get size(): number {
    return this.#work.size
  }

  /**
   * Whether an answer is being made for more than so many.
   *
   * Open streams do not count, nor what only waits for its turn behind one: that might be for ever. Those are looked for
   * only where it matters.
   */
  isOver(limit: number): boolean {
    const working = this.#work.size - this.#streams.size
    if (working <= limit) return false
    let waiting = 0
    for (const work of this.#work) if (!this.#streams.has(work) && work.isWaitingItsTurn()) waiting += 1
    return working - waiting > limit
  }

  /** Says of work in flight that it lasts as long as its client likes: no request has to wait for it. */
  setAside(work: Work): void {
    this.#streams.add(work)
  }

  [Symbol.iterator](): IterableIterator<Work> {
    return this.#work[Symbol.iterator]()
  }

  add(work: Work): void {
    this.#work.add(work)
  }

  delete(work: Work): void {
    if (!this.#work.remove(work)) return
    this.#streams.delete(work)
    if (this.#work.size > 0) return
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }

  /** Says whether a response has begun to go out on this socket. */
  isAnswering(socket: Socket): boolean {
    for (const work of this.#work) {
      if (work.isAnsweringOn(socket)) return true
    }
    return false
  }

  /** Resolves when nothing is in flight. */
  async whenEmpty(): Promise<void> {
    if (this.#work.size === 0) return
    await new Promise<void>((resolve) => this.#listeners.push(resolve))
  }
}
