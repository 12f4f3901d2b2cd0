/** A subgraph as far as calling it goes. */
export interface CallableSubgraph {
  readonly name: string
  readonly url: string
}

/**
 * Gives the headers that a subgraph wants on calls of the gateway itself, such as the signature over the body.
 *
 * Names are lower-case; the result is merged over `content-type` and `accept`.
 */
export type HeadersFor = (subgraph: CallableSubgraph, body: string) => Readonly<Record<string, string>>

export interface SubgraphCallOptions {
  readonly timeoutSeconds: number
  readonly headersFor?: HeadersFor | undefined
}

/** The most that a subgraph may send as its SDL, in bytes. */
const MAX_REPLY_BYTES = 20 * 1024 * 1024

/**
 * Sends one query of the gateway's own, at start and on polls, never for a client.
 *
 * Errors name the subgraph but not its URL; redirects are refused, because a subgraph's address is configured.
 */
export async function callSubgraph(
  subgraph: CallableSubgraph,
  query: string,
  options: SubgraphCallOptions,
): Promise<unknown> {
  const body = JSON.stringify({ query })
  const response = await fetch(subgraph.url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...options.headersFor?.(subgraph, body),
    },
    redirect: 'error',
    signal: AbortSignal.timeout(options.timeoutSeconds * 1000),
  }).catch((cause: unknown) => {
    throw new Error(`The subgraph ${subgraph.name} could not be reached.`, { cause })
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`The subgraph ${subgraph.name} answered with status ${response.status}.`)
  }
  return parseReply(subgraph, await readText(subgraph, response))
}

async function readText(subgraph: CallableSubgraph, response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MAX_REPLY_BYTES) throw new Error(`The subgraph ${subgraph.name} sent too much.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseReply(subgraph: CallableSubgraph, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new Error(`The subgraph ${subgraph.name} did not answer with JSON.`, { cause })
  }
}

/** Asks a subgraph for its schema (Apollo subgraph specification, `_service`). */
export async function fetchSubgraphSdl(
  subgraph: CallableSubgraph,
  options: SubgraphCallOptions,
): Promise<string> {
  const reply = await callSubgraph(subgraph, '{ _service { sdl } }', options)
  const sdl = field(field(field(reply, 'data'), '_service'), 'sdl')
  if (typeof sdl !== 'string') {
    throw new Error(`The subgraph ${subgraph.name} did not give its SDL.`)
  }
  return sdl
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
