import { Agent, request as send, type IncomingHttpHeaders } from 'node:http'

/** What a client at an address of its own asks. */
export interface Question {
  readonly query: string
  readonly method?: 'GET' | 'POST'
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly data?: any; readonly errors?: readonly { extensions: { code: string } }[] }
}

/** Clients with addresses of their own: on Linux everything in 127.0.0.0/8 is this machine. */
export class Clients {
  readonly #agents = new Map<string, Agent>()

  /** Asks `url`/graphql from `address`; rejects when the connection breaks. */
  ask(address: string, url: string, question: Question): Promise<Heard> {
    const { query, method = 'POST', token, headers } = question
    const body = method === 'POST' ? JSON.stringify({ query }) : ''
    const target = method === 'POST' ? '' : `?query=${encodeURIComponent(query)}`
    return new Promise((resolve, reject) => {
      const request = send(`${url}/graphql${target}`, {
        method,
        agent: this.#agentOf(address),
        headers: {
          'apollo-require-preflight': 'yes',
          ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      })
      request.once('error', reject)
      request.once('response', (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.once('error', reject)
        response.once('end', () => {
          const isJson = String(response.headers['content-type']).includes('json')
          const status = response.statusCode ?? 0
          resolve({ status, headers: response.headers, body: isJson ? JSON.parse(text) : {} })
        })
      })
      request.end(body)
    })
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
  }

  #agentOf(address: string): Agent {
    const known = this.#agents.get(address)
    if (known !== undefined) return known
    const agent = new Agent({ keepAlive: true, localAddress: address })
    this.#agents.set(address, agent)
    return agent
  }
}
