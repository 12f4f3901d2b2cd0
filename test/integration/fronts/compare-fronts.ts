/** One request to both fronts, and what of the answers must be equal. */
export interface FrontRequest {
  readonly method?: string
  /** Behind the gateway's address. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it stands when it is a text. */
  readonly body?: string | Readonly<Record<string, unknown>>
}

export interface FrontView {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: any
}

/** The headers of contract §5, and what HTTP itself says of an answer. */
const COMPARED = [
  'allow',
  'age',
  'cache-control',
  'content-length',
  'content-security-policy',
  'content-type',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'vary',
  'www-authenticate',
  'x-cache',
  'x-content-type-options',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
]
/** The clock goes on between the two: whole seconds until a window ends are compared as a number, whichever. */
const OF_TIME = new Set(['age', 'retry-after', 'x-ratelimit-reset'])

export async function askFront(url: string, request: FrontRequest): Promise<FrontView> {
  const { method = 'POST', path = '/graphql', headers, body } = request
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-request-id': 'the-same-for-both', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: comparedHeaders(response.headers),
    body: text.startsWith('{') ? JSON.parse(withoutWaits(text)) : text,
  }
}

function comparedHeaders(headers: Headers): Readonly<Record<string, string>> {
  const found = COMPARED.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, OF_TIME.has(name) ? timeless(name, value) : value] as const]
  })
  return Object.fromEntries(found.map(([name, value]) => [name, value.replaceAll(/;t=\d+/g, ';t=N')]))
}

function timeless(name: string, value: string): string {
  if (!/^\d+$/.test(value)) throw new Error(`${name} is no number of seconds: ${value}`)
  return 'N'
}

/** The two are asked one moment after the other. */
function withoutWaits(text: string): string {
  return text
    .replaceAll(/\b\d+ seconds\b/g, 'N seconds')
    .replaceAll(/"retryAfterSeconds":\d+/g, '"retryAfterSeconds":0')
}
