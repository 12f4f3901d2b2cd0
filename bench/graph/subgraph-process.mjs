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
import { SHOP, shopExecutor } from './shop.mjs'

/** Never-repeated operations make never-repeated bodies. */
const MAX_REMEMBERED = 2000

let fetches = 0

function benchmarkExecutor(name) {
  const schema = buildSchema(executable(name))
  const root = rootValue(name)
  return ({ query, variables, operationName }) =>
    graphqlSync({ schema, source: query, rootValue: root, variableValues: variables, operationName })
}

function startSubgraph(name, execute) {
  const remembered = new Map()

  const remember = (key, result) => {
    const text = Buffer.from(JSON.stringify(result))
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n`
    const reply = Buffer.concat([Buffer.from(head), text])
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, reply)
    return reply
  }

  /** Gateways do not send a second request before the first is answered, so that an answer may take its time. */
  const answer = async (send, socket, key, body) => {
    try {
      send(remember(key, await execute(JSON.parse(body))))
    } catch {
      socket.destroy()
    }
  }

  const server = createServer({ noDelay: true }, (socket) => {
    const reader = new MessageReader((head, body) => {
      fetches += 1
      const key = body.latin1Slice()
      const known = remembered.get(key)
      const isLast = /\r\nconnection: *close/i.test(head)
      const send = (reply) => (isLast ? socket.end(reply) : socket.write(reply))
      if (known) send(known)
      else void answer(send, socket, key, body.toString())
    })
    socket.on('data', (chunk) => reader.push(chunk))
    socket.on('error', () => socket.destroy())
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve([name, `http://127.0.0.1:${server.address().port}/graphql`]))
  })
}

const urls = Object.fromEntries(
  await Promise.all([
    ...Object.keys(SUBGRAPHS).map((name) => startSubgraph(name, benchmarkExecutor(name))),
    ...SHOP.map((name) => startSubgraph(name, shopExecutor(name))),
  ]),
)
process.on('message', () => process.send({ fetches }))
process.on('disconnect', () => process.exit())
process.send({ urls })
