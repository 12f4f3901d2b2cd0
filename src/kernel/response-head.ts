/** The response headers that the stages of one request have asked for; names in lower case. */
export class ResponseHead {
  readonly #headers = new Map<string, string>()

  /** Sets a header; the last one to speak wins. */
  set(name: string, value: string): void {
    this.#headers.set(name, value)
  }

  get(name: string): string | undefined {
    return this.#headers.get(name)
  }

  has(name: string): boolean {
    return this.#headers.has(name)
  }

  entries(): IterableIterator<[string, string]> {
    return this.#headers.entries()
  }

  forEach(visit: (value: string, name: string) => void): void {
    this.#headers.forEach(visit)
  }
}
