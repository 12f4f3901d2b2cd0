import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema, graphql } from 'graphql'
import { freePort } from '../../support/free-port.js'
import { makeSupergraph } from '../../support/make-supergraph.js'
import { startProcess, type TestProcess } from '../../support/process.js'
import { ROOT } from '../../support/shop.js'

const SDL = `
  type Query { lighthouse(name: String!): Lighthouse }
  type Lighthouse { name: String! metres: Int! keeper: Keeper }
  type Keeper { name: String! }
`

export interface TinyGraph {
  readonly url: string
  /** The operations that reached the subgraph. */
  readonly asked: readonly string[]
  readonly stop: () => Promise<void>
}

/** `gatehouse serve --supergraph` over one subgraph on this machine: any graph, no config. */
export async function startTinyGraph(): Promise<TinyGraph> {
  const asked: string[] = []
  const server = await startSubgraph(asked)
  const { port } = server.address() as AddressInfo
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-tiny-'))
  const file = join(directory, 'supergraph.graphql')
  const url = `http://127.0.0.1:${String(port)}/graphql`
  writeFileSync(file, makeSupergraph([{ name: 'lights', url, typeDefs: SDL }]).sdl)
  const [own, admin] = [await freePort(), await freePort()]
  const gateway: TestProcess = startProcess(
    process.execPath,
    [
      ...[join(ROOT, 'dist', 'src', 'main.js'), 'serve', '--supergraph', file],
      ...['--port', String(own), '--admin-port', String(admin)],
    ],
    { cwd: directory },
  )
  await gateway.printed(/Gatehouse serves/)
  return {
    url: `http://127.0.0.1:${String(own)}`,
    asked,
    async stop() {
      await gateway.stop()
      server.close()
      server.closeAllConnections()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

async function startSubgraph(asked: string[]): Promise<Server> {
  const schema = buildSchema(SDL)
  const rootValue = {
    lighthouse: ({ name }: { name: string }) => ({ name, metres: 38, keeper: { name: 'Augusta' } }),
  }
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.once('end', () => {
      const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> }
      asked.push(query)
      void graphql({ schema, source: query, rootValue, variableValues: variables ?? {} }).then((result) =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify(result)),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
