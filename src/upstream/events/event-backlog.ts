import { GatewayError } from '../../kernel/gateway-error.js'
import type { SubgraphReply } from '../../kernel/upstream-call.js'

export interface BacklogLimits {
  readonly maxEvents: number
  /** Of their texts together, in characters. */
  readonly maxCharacters: number
}

/** What is wrong, or undefined where the source has simply ended. */
type Ending = GatewayError | undefined

/**
 * The events of one subscription that have come and were not read yet, at most so many.
 *
 * Texts, not objects: what a reader never asks for is never parsed. What came before an end is still read.
 */
export class EventBacklog {
  readonly #limits: BacklogLimits
  readonly #read: (text: string) => SubgraphReply | GatewayError
  #texts: string[] = []
  #characters = 0
  #ending: { readonly fault: Ending } | undefined
  #waiting:
    | {
        readonly resolve: (reply: SubgraphReply | undefined) => void
        readonly reject: (fault: GatewayError) => void
      }
    | undefined

  /** `read` makes a reply of a text, or says what is wrong with it. */
  constructor(limits: BacklogLimits, read: (text: string) => SubgraphReply | GatewayError) {
    this.#limits = limits
    this.#read = read
  }

  get isEnded(): boolean {
    return this.#ending !== undefined
  }

  /** Takes one that has come; false where there is no room for it. */
  add(text: string): boolean {
    if (this.isEnded) return true
    const isFull =
      this.#texts.length >= this.#limits.maxEvents ||
      (this.#texts.length > 0 && this.#characters + text.length > this.#limits.maxCharacters)
    if (isFull) return false
    this.#texts.push(text)
    this.#characters += text.length
    this.#serve()
    return true
  }

  /** Nothing more comes. */
  end(fault: Ending): void {
    if (this.isEnded) return
    this.#ending = { fault }
    this.#serve()
  }

  /** Nobody reads any more. */
  drop(): void {
    this.#texts = []
    this.#ending = { fault: undefined }
    this.#serve()
  }

  next(): Promise<SubgraphReply | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#serve()
    })
  }

  #serve(): void {
    const waiting = this.#waiting
    if (waiting === undefined || (this.#texts.length === 0 && !this.isEnded)) return
    this.#waiting = undefined
    const text = this.#texts.shift()
    if (text === undefined) {
      const fault = this.#ending?.fault
      // Said once.
      this.#ending = { fault: undefined }
      if (fault === undefined) waiting.resolve(undefined)
      else waiting.reject(fault)
      return
    }
    this.#characters -= text.length
    const reply = this.#read(text)
    if (!(reply instanceof GatewayError)) {
      waiting.resolve(reply)
      return
    }
    this.drop()
    waiting.reject(reply)
  }
}
