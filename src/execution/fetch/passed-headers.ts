import type { ResponseHead } from '../../kernel/response-head.js'
import type { PassedHeader } from '../../kernel/upstream-call.js'

/** What subgraphs may say in headers to one client for one request, names and values together, in characters. */
const MAX_CHARACTERS = 16_384

/**
 * The headers of a request's replies that go on to the client, merged as their rules say.
 *
 * `first` and `last` go by the order in which replies arrive.
 */
export class PassedHeaders {
  readonly #values = new Map<string, readonly string[]>()
  #characters = 0

  add(headers: readonly PassedHeader[]): void {
    for (const { name, merge, values } of headers) {
      const before = this.#values.get(name)
      if (before !== undefined && merge === 'first') continue
      this.#put(name, before !== undefined && merge === 'append' ? [...before, ...values] : values)
    }
  }

  get values(): ReadonlyMap<string, readonly string[]> {
    return this.#values
  }

  /** Bounded, because a plan may have any number of replies; what is too much stays out. */
  #put(name: string, values: readonly string[]): void {
    const characters = this.#characters - weigh(name, this.#values.get(name)) + weigh(name, values)
    if (characters > MAX_CHARACTERS) return
    this.#characters = characters
    this.#values.set(name, values)
  }
}

/** Puts merged headers on a response: cookies line by line, others as one list (RFC 9110 §5.3). */
export function putPassed(passed: ReadonlyMap<string, readonly string[]>, head: ResponseHead): void {
  for (const [name, values] of passed) {
    if (name === 'set-cookie') for (const value of values) head.append(name, value)
    else head.set(name, values.join(', '))
  }
}

function weigh(name: string, values: readonly string[] | undefined): number {
  return (values ?? []).reduce((sum, value) => sum + name.length + value.length, 0)
}
