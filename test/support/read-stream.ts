/** A response that is read as it comes. */
export interface StreamReader {
  readonly response: Response
  /** The body of the next `next` event, or 'complete'; undefined when the body has ended. */
  readonly next: () => Promise<unknown>
  /** The text up to and with this mark, of what was not read yet. */
  readonly until: (mark: string) => Promise<string>
  readonly leave: () => void
}

/** Sends an operation and reads what comes, as server-sent events by default. */
export async function openStream(
  url: string,
  operation: { readonly query?: string; readonly documentId?: string; readonly variables?: object },
  headers: Readonly<Record<string, string>> = {},
): Promise<StreamReader> {
  const leaving = new AbortController()
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(operation),
    signal: leaving.signal,
  })
  const body = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''

  const until = async (mark: string): Promise<string> => {
    for (;;) {
      const end = held.indexOf(mark)
      if (end !== -1) {
        const text = held.slice(0, end + mark.length)
        held = held.slice(end + mark.length)
        return text
      }
      const chunk = await body?.read()
      if (chunk === undefined || chunk.done) throw new Error(`The body ended before ${mark}: ${held}`)
      held += chunk.value
    }
  }

  return {
    response,
    until,
    next: async () => {
      for (;;) {
        const event = await until('\n\n').catch(() => undefined)
        if (event === undefined) return undefined
        if (event.startsWith('event: complete')) return 'complete'
        if (event.startsWith('event: next\ndata: ')) return JSON.parse(event.slice(18)) as unknown
      }
    },
    leave: () => leaving.abort(),
  }
}
