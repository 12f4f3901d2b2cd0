/**
 * All subgraphs in one process, each on a port of its own.
 *
 * An answer is computed by graphql-js once, then remembered by path and body, so that the subgraphs are never
 * the bottleneck. Counts the fetches: a gateway that asks less does less.
 */
import { createServer } from 'node:net'
import { buildSchema, graphqlSync } from 'graphql'
import { MessageReader } from '../load/message-reader.mjs'
import { rootValue } from './resolvers.mjs'
import { executable, SUBGRAPHS } from './schemas.mjs'

/** Never-repeated operations make never-repeated bodies. */
const MAX_REMEMBERED = 2000

let fetches = 0

function startSubgraph(name) {
  const schema = buildSchema(executable(name))
  const root = rootValue(name)
  const remembered = new Map()

  const answer = (body) => {
    const key = body.latin1Slice()
    const known = remembered.get(key)
    if (known) return known
    const { query, variables, operationName } = JSON.parse(body.toString())
    const result = graphqlSync({
      schema,
      source: query,
      rootValue: root,
      variableValues: variables,
      operationName,
    })
    const text = Buffer.from(JSON.stringify(result))
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n`
    const reply = Buffer.concat([Buffer.from(head), text])
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, reply)
    return reply
  }

  const server = createServer({ noDelay: true }, (socket) => {
    const reader = new MessageReader((head, body) => {
      fetches += 1
      socket.write(body.length === 0 ? 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n' : answer(body))
      if (/\r\nconnection: *close/i.test(head)) socket.end()
    })
    socket.on('data', (chunk) => reader.push(chunk))
    socket.on('error', () => socket.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve([name, `http://127.0.0.1:${server.address().port}/graphql`]))
  })
}

const urls = Object.fromEntries(await Promise.all(Object.keys(SUBGRAPHS).map(startSubgraph)))
process.on('message', () => process.send({ fetches }))
process.on('disconnect', () => process.exit())
process.send({ urls })
