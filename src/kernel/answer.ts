import type { AnswerError } from './gateway-error.js'
import type { JsonObject } from './json.js'

/**
 * The result of an operation, as an object and as JSON text.
 *
 * Either form is made from the other only when somebody asks: a cache hit goes out as text and is never parsed
 * for a GraphQL client, while a BFF presenter reads the object.
 */
export class Answer {
  #body: AnswerBody | undefined
  #text: string | undefined
  #bytes: Buffer | undefined
  #isShared = false
  /** The answer to which something was added for one client. */
  #bare: Answer | undefined

  private constructor(body: AnswerBody | undefined, text: string | undefined) {
    this.#body = body
    this.#text = text
  }

  static fromBody(body: AnswerBody): Answer {
    return new Answer(body, undefined)
  }

  /** `text` must be the JSON of an {@link AnswerBody} without extensions, and nothing after it. */
  static fromText(text: string): Answer {
    return new Answer(undefined, text)
  }

  /** This answer with one entry more in `extensions`, for one client; {@link bare} stays what it was. */
  withExtension(name: string, value: JsonObject): Answer {
    const extended =
      this.#body === undefined ? this.#splice(name, value) : this.#join(this.#body, name, value)
    extended.#bare = this.bare
    return extended
  }

  #join(body: AnswerBody, name: string, value: JsonObject): Answer {
    return Answer.fromBody({ ...body, extensions: { ...body.extensions, [name]: value } })
  }

  /** A text has no extensions and ends with the brace that closes it: it need not be read for this. */
  #splice(name: string, value: JsonObject): Answer {
    const text = `${this.text.slice(0, -1)},"extensions":${JSON.stringify({ [name]: value })}}`
    return new Answer(undefined, text)
  }

  /** What every client gets that gets this answer: without what was added for one. */
  get bare(): Answer {
    return this.#bare ?? this
  }

  get body(): AnswerBody {
    this.#body ??= JSON.parse(this.#text ?? 'null') as AnswerBody
    return this.#body
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#body)
    return this.#text
  }

  /** What `errors` of the body is; without parsing a long text that has none, for errors are written first. */
  get errors(): AnswerBody['errors'] {
    if (this.#body === undefined && this.#text?.startsWith('{"errors":') === false) return undefined
    return this.body.errors
  }

  /** Says that several requests get this answer: its text is encoded once for all of them. */
  share(): void {
    this.#isShared = true
  }

  /** What goes over the wire. */
  get payload(): string | Buffer {
    if (!this.#isShared) return this.text
    this.#bytes ??= Buffer.from(this.text)
    return this.#bytes
  }
}

/** The response map of GraphQL specification §7.1; `errors` first, as the specification advises. */
export interface AnswerBody {
  readonly errors?: readonly AnswerError[]
  /** Absent when the request failed before execution. */
  readonly data?: JsonObject | null
  readonly extensions?: JsonObject
}
