/** What a GraphQL client sees of one request. */
export interface ClientView {
  readonly status: number
  readonly header: (name: string) => string | null
  readonly data: any
  readonly errors: readonly {
    message: string
    path?: (string | number)[]
    extensions: { code: string; [key: string]: unknown }
  }[]
  readonly text: string
}

export interface ClientRequest {
  readonly token?: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends one operation over HTTP, as a front end would. */
export async function askGraphql(
  url: string,
  query: string,
  request: ClientRequest = {},
): Promise<ClientView> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization(request.token), ...request.headers },
    body: JSON.stringify({ query, variables: request.variables, operationName: request.operationName }),
  })
  const text = await response.text()
  const body = JSON.parse(text) as { data?: unknown; errors?: ClientView['errors'] }
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    data: body.data,
    errors: body.errors ?? [],
    text,
  }
}

/** Sends one GET to a REST endpoint. */
export async function getJson(
  url: string,
  request: ClientRequest = {},
): Promise<{ status: number; header: ClientView['header']; body: any }> {
  const response = await fetch(url, { headers: { ...authorization(request.token), ...request.headers } })
  const text = await response.text()
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    body: text === '' ? undefined : JSON.parse(text),
  }
}

function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}
