/** `gatehouse serve --supergraph FILE`: any graph, without a config (contract §1). */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { crowding } from '../../support/crowding.js'
import { freePort } from '../../support/free-port.js'
import { askGraphql } from '../../support/graphql-client.js'
import { serveGraph, type ServedGraph, type ServeOptions } from '../../support/serve.js'
import { removeFolders } from './run-gatehouse.js'

let subgraph: Server
let url: string
let heard: IncomingHttpHeaders[] = []
let gateway: ServedGraph | undefined

beforeAll(async () => {
  subgraph = createServer((request, response) => {
    request.resume()
    heard.push(request.headers)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ data: { greeting: 'hello', secret: 'told' } }))
  }).listen(0, '127.0.0.1')
  await once(subgraph, 'listening')
  url = `http://127.0.0.1:${String((subgraph.address() as AddressInfo).port)}/graphql`
})

afterEach(async () => {
  await gateway?.close()
  gateway = undefined
  heard = []
})

afterAll(async () => {
  subgraph.closeAllConnections()
  subgraph.close()
  await removeFolders()
})

const TYPES = 'type Query { greeting: String secret: String @authenticated }'

async function serve(options: ServeOptions = {}, at = url): Promise<ServedGraph> {
  gateway = await serveGraph([{ name: 'own', url: at, typeDefs: TYPES }], options)
  return gateway
}

describe('gatehouse serve --supergraph', () => {
  it('is ready within seconds and answers anybody, with no limit of requests', async () => {
    const served = await serve()
    expect(served.readyAfterMs / crowding()).toBeLessThan(10_000)
    const { status, data, header } = await askGraphql(served.url, '{ greeting }')
    expect({ status, data }).toEqual({ status: 200, data: { greeting: 'hello' } })
    for (const name of ['ratelimit', 'ratelimit-policy', 'x-ratelimit-limit', 'retry-after'])
      expect(header(name)).toBeNull()
    expect(header('x-request-id')).toMatch(/^[\w.-]{8,}$/)
  })

  it('keeps to the directives of the graph: an anonymous caller is not signed in', async () => {
    const served = await serve()
    const { data, errors } = await askGraphql(served.url, '{ greeting secret }')
    expect(data).toEqual({ greeting: 'hello', secret: null })
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['secret'], 'UNAUTHORIZED_FIELD_OR_TYPE'],
    ])
  })

  it('takes no token for nobody: without an issuer each is refused', async () => {
    const served = await serve()
    const { status, errors } = await askGraphql(served.url, '{ greeting }', { token: 'a.b.c' })
    expect(status).toBe(401)
    expect(errors[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(heard).toEqual([])
  })

  it('does not take up a gateway.yaml that lies there for another graph', async () => {
    const other = 'supergraph: { file: elsewhere.graphql }\nidentity: { anonymous: { allowed: false } }\n'
    const served = await serve({ files: { 'gateway.yaml': other } })
    expect((await askGraphql(served.url, '{ greeting }')).data).toEqual({ greeting: 'hello' })
  })

  it('serves the file with the config that is named', async () => {
    const named = 'supergraph: { file: elsewhere.graphql }\nidentity: { anonymous: { allowed: false } }\n'
    const served = await serve({ files: { 'named.yaml': named }, arguments: ['--config', 'named.yaml'] })
    const { status, errors } = await askGraphql(served.url, '{ greeting }')
    expect([status, errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('starts while its subgraph is down, and says so in the answer', async () => {
    const served = await serve({}, `http://127.0.0.1:${String(await freePort())}/graphql`)
    const { status, data, errors } = await askGraphql(served.url, '{ greeting }')
    expect({ status, data }).toEqual({ status: 200, data: { greeting: null } })
    expect(errors[0]?.extensions.code).toBe('SUBREQUEST_HTTP_ERROR')
    expect((await fetch(`${served.url}/health/ready`)).status).toBe(200)
  })

  it('listens where its flags say, before what the environment says', async () => {
    const [port, adminPort] = [String(await freePort()), String(await freePort())]
    const flags = ['--host', '127.0.0.1', '--port', port, '--admin-port', adminPort]
    const served = await serve({ arguments: flags, environment: { HOST: '192.0.2.1' } })
    await served.process.printed(/Admin listener/)
    expect(served.process.output()).toBe(
      `Gatehouse serves http://127.0.0.1:${port}/graphql\nAdmin listener on http://127.0.0.1:${adminPort}\n`,
    )
    expect((await fetch(`http://127.0.0.1:${adminPort}/metrics`)).status).toBe(200)
  })
})
