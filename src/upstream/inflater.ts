import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type BrotliDecompress,
  type Gunzip,
  type Inflate,
} from 'node:zlib'

type Stream = Gunzip | Inflate | BrotliDecompress

/** How much is inflated in one step off the event loop, in bytes. */
const STEP = { chunkSize: 65_536 }

/** The encodings of RFC 9110 §8.4.1 that are understood, one at a time. */
const STREAMS: ReadonlyMap<string, () => Stream> = new Map([
  ['gzip', () => createGunzip(STEP)],
  ['x-gzip', () => createGunzip(STEP)],
  ['deflate', () => createInflate(STEP)],
  ['br', () => createBrotliDecompress(STEP)],
])

/** Whoever waits for an inflated body; hears of one end. */
export interface InflaterListener {
  inflated(body: Buffer): void
  outgrown(): void
  failed(cause: Error): void
}

/**
 * Undoes one Content-Encoding off the event loop while the body arrives, and holds `maxBytes` of the result at most.
 *
 * The output is counted as it grows, so that a small reply cannot become a large memory (a "gzip bomb"), and a large
 * one is refused when its limit is reached, not when its end has arrived.
 */
export class Inflater {
  readonly #stream: Stream
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(stream: Stream, maxBytes: number, listener: InflaterListener) {
    this.#stream = stream
    stream.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length
      if (this.#bytes > maxBytes) listener.outgrown()
      else this.#chunks.push(chunk)
    })
    stream.on('end', () => listener.inflated(Buffer.concat(this.#chunks)))
    stream.on('error', (cause) => listener.failed(cause))
  }

  /** Makes one for an encoding; undefined for one that is unknown, or for several inside each other. */
  static for(encoding: string, maxBytes: number, listener: InflaterListener): Inflater | undefined {
    const create = STREAMS.get(encoding)
    return create === undefined ? undefined : new Inflater(create(), maxBytes, listener)
  }

  /** Takes what has arrived; false asks for a pause until `resume` is called. */
  write(chunk: Buffer, resume: () => void): boolean {
    const goOn = this.#stream.write(chunk)
    if (!goOn) this.#stream.once('drain', resume)
    return goOn
  }

  end(): void {
    this.#stream.end()
  }

  drop(): void {
    this.#chunks = []
    this.#stream.destroy()
  }
}
