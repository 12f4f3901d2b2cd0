/** What the hand-written peers share: one subgraph call with undici, one small JSON server. */
import { createServer } from 'node:http'
import { Agent, request } from 'undici'

const urls = JSON.parse(process.env.SUBGRAPH_URLS)
const dispatcher = new Agent({ connections: 100, keepAliveTimeout: 4000 })
const headers = { 'content-type': 'application/json', accept: 'application/json' }

export async function ask(subgraph, query, variables) {
  const reply = await request(urls[subgraph], {
    method: 'POST',
    headers,
    body: JSON.stringify({ query, variables }),
    dispatcher,
  })
  const { data, errors } = await reply.body.json()
  if (reply.statusCode !== 200 || errors) throw new Error(`${subgraph} failed`)
  return data
}

/** Routes by path; a route gives the body, and what it throws is a 502. */
export function serve(routes) {
  createServer((incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url, 'http://localhost')
    const route = routes[pathname]
    if (!route) {
      outgoing.writeHead(404).end()
      return
    }
    route(searchParams, incoming.headers).then(
      (answer) => {
        const body = JSON.stringify(answer)
        outgoing.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        })
        outgoing.end(body)
      },
      () => outgoing.writeHead(502).end(),
    )
  }).listen(Number(process.env.PORT), '127.0.0.1')
}
