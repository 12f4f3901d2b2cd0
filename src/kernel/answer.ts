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

  private constructor(body: AnswerBody | undefined, text: string | undefined) {
    this.#body = body
    this.#text = text
  }

  static fromBody(body: AnswerBody): Answer {
    return new Answer(body, undefined)
  }

  /** `text` must be the JSON of an {@link AnswerBody}. */
  static fromText(text: string): Answer {
    return new Answer(undefined, text)
  }

  get body(): AnswerBody {
    this.#body ??= JSON.parse(this.#text ?? 'null') as AnswerBody
    return this.#body
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.#body)
    return this.#text
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
