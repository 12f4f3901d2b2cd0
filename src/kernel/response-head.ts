/** The response headers that the stages of one request have asked for; names in lower case. */
export class ResponseHead {
  readonly #headers = new Map<string, string>()
  /** Made only for the few responses that have a header several times. */
  #repeated: [value: string, name: string][] | undefined

  /** Sets a header; the last one to speak wins. */
  set(name: string, value: string): void {
    this.#headers.set(name, value)
  }

  /** Adds a header beside others of its name, as Set-Cookie needs it (RFC 6265 §3). */
  append(name: string, value: string): void {
    this.#repeated ??= []
    this.#repeated.push([value, name])
  }

  get(name: string): string | undefined {
    return this.#headers.get(name)
  }

  has(name: string): boolean {
    return this.#headers.has(name)
  }

  /** Those that stand once; for looking at. */
  entries(): IterableIterator<[string, string]> {
    return this.#headers.entries()
  }

  forEach(visit: (value: string, name: string) => void): void {
    this.#headers.forEach(visit)
    if (this.#repeated !== undefined) for (const [value, name] of this.#repeated) visit(value, name)
  }
}
